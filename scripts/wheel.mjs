// The Python wheel: packages/python with the decoder and the words of its statuses, which are built here.
//   node scripts/wheel.mjs [PYTHON]   -> build/python/fieldzip-*.whl; needs hatchling and pip (scripts/test-requirements.txt)
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { root, run, say } from "./run.mjs";

const source = join(root, "packages/python");
const folder = join(root, "build/python");
const stage = join(folder, "stage");

/** Builds the wheel; its path, or undefined where that failed. What is packed does not change, is not built again. */
export async function buildWheel(python) {
  if (!build()) return undefined;
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const name of ["pyproject.toml", "README.md"]) {
    copyFileSync(join(source, name), join(stage, name));
  }
  const own = (path) => !/__pycache__|\.pyc$/.test(path);
  cpSync(join(source, "src"), join(stage, "src"), { recursive: true, filter: own });
  copyFileSync(join(root, "LICENSE"), join(stage, "LICENSE"));
  const built = join(stage, "src/fieldzip");
  copyFileSync(
    join(root, "packages/kernels/dist/fieldzip-decode.wasm"),
    join(built, "fieldzip-decode.wasm"),
  );
  writeFileSync(join(built, "statuses.json"), await statuses());

  const stamp = join(folder, ".built");
  const now = fingerprint(stage);
  const made = wheels();
  if (made.length === 1 && existsSync(stamp) && readFileSync(stamp, "utf8") === now) return made[0];
  for (const path of made) rmSync(path);
  say("building the Python wheel");
  const flags = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"];
  const done = run(python, ["-m", "pip", "wheel", ...flags, "--wheel-dir", folder, stage]);
  if (!done || wheels().length !== 1) return undefined;
  writeFileSync(stamp, now);
  return wheels()[0];
}

/** Installs it into a folder of its own, for PYTHONPATH: the Python may be the user's. That folder, or undefined. */
export async function installWheel(python) {
  const wheel = await buildWheel(python);
  if (!wheel) return undefined;
  const site = join(folder, "site");
  const stamp = join(site, ".installed");
  const now = readFileSync(join(folder, ".built"), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === now) return site;
  rmSync(site, { recursive: true, force: true });
  const flags = ["--quiet", "--no-deps", "--disable-pip-version-check", "--target", site];
  if (!run(python, ["-m", "pip", "install", ...flags, wheel])) return undefined;
  writeFileSync(stamp, now);
  return site;
}

function wheels() {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".whl"))
    .map((name) => join(folder, name));
}

/** The words of core/src/stream/status.ts, with `{detail}` and `{section}` where a number's name stands. */
async function statuses() {
  const compiled = (path) => import(pathToFileURL(join(root, "packages/core/dist/stream", path)));
  const { errorOfStatus } = await compiled("status.js");
  const { sectionName } = await compiled("header.js");
  const [example, most] = [987654321, 64];
  const isKnown = (kind) => sectionName(kind) !== `section kind ${kind}`;
  const kinds = Array.from({ length: most }, (_, kind) => kind).filter(isKnown);
  const sections = Object.fromEntries(kinds.map((kind) => [kind, sectionName(kind)]));
  const words = {};
  for (let status = 1; status < most; status++) {
    const { tag, details } = errorOfStatus(status, example, "stream");
    if (details.expected === "a known status") continue;
    const named = (text) =>
      text.replaceAll(`section kind ${example}`, "{section}").replaceAll(`${example}`, "{detail}");
    words[status] = {
      tag,
      expected: named(details.expected),
      found: named(details.found),
      remedy: named(details.remedy),
    };
  }
  return `${JSON.stringify({ sections, statuses: words }, undefined, 1)}\n`;
}

function fingerprint(path) {
  const hash = createHash("sha256");
  const add = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(folder, entry.name);
      hash.update(entry.name);
      if (entry.isDirectory()) add(path);
      else hash.update(readFileSync(path));
    }
  };
  add(path);
  return hash.digest("hex");
}

if (resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const wheel = await buildWheel(process.argv[2] ?? "python3");
  if (wheel) say(wheel);
  process.exitCode = wheel ? 0 : 1;
}
