// npm run build: the WebAssembly kernels, then TypeScript. Skips what is up to date; `--force` does
// not. Several builds at once wait for each other.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { root, runTool, say, tools } from "./run.mjs";

const packages = ["kernels", "core", "io", "cli"];
const stampPath = join(root, "build/.built");
const lockPath = join(root, "build/.building");

export function build({ force = false } = {}) {
  mkdirSync(join(root, "build"), { recursive: true });
  lock();
  try {
    const before = fingerprint();
    if (!force && before === previousFingerprint()) return true;
    const kernels = join(root, "packages/kernels/scripts/build.mjs");
    if (existsSync(kernels)) {
      say("building the kernels");
      if (!runTool(kernels, [])) return false;
    }
    say("building TypeScript");
    if (!runTool(tools.tsc, ["-b"])) return false;
    writeFileSync(stampPath, fingerprint());
    return true;
  } finally {
    rmSync(lockPath, { force: true });
  }
}

/** Names, sizes and times of everything that the build reads, and of one file of what it wrote. */
function fingerprint() {
  const hash = createHash("sha256");
  const add = (path) => {
    const entry = statSync(path, { throwIfNoEntry: false });
    if (entry?.isDirectory()) {
      for (const name of readdirSync(path).sort()) add(join(path, name));
    } else {
      hash.update(`${path} ${entry ? `${entry.size} ${entry.mtimeMs}` : "absent"}\n`);
    }
  };
  for (const name of ["package-lock.json", "tsconfig.json", "tsconfig.base.json"]) {
    add(join(root, name));
  }
  for (const name of packages) {
    const folder = join(root, "packages", name);
    for (const input of ["src", "scripts", "assembly", "package.json", "tsconfig.json"]) {
      add(join(folder, input));
    }
    add(join(folder, "dist/.tsbuildinfo"));
  }
  return hash.digest("hex");
}

function previousFingerprint() {
  return existsSync(stampPath) ? readFileSync(stampPath, "utf8") : undefined;
}

/** One build at a time: the lock file holds the process id, so that a killed build blocks nobody. */
function lock() {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      writeFileSync(lockPath, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (ownerIsGone()) rmSync(lockPath, { force: true });
      else Atomics.wait(sleeper, 0, 0, 100);
    }
  }
}

function ownerIsGone() {
  try {
    const owner = Number(readFileSync(lockPath, "utf8"));
    if (owner > 0) process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

if (resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = build({ force: process.argv.includes("--force") }) ? 0 : 1;
}
