// npm run build: the WebAssembly kernels, then TypeScript. Skips what is up to date; `--force` does
// not. Several builds at once wait for each other.
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { root, runTool, say, tools } from "./run.mjs";

const packages = ["kernels", "core", "neural", "io", "server", "viewer", "cli"];
const kernelsScript = "packages/kernels/scripts/build.mjs";
const lockPath = join(root, "build/.building");

/** What is built, in order. A step runs where a file it reads, or one it wrote, has changed. */
const steps = [
  {
    name: "kernels",
    files: ["package-lock.json", "packages/kernels/src", kernelsScript, "packages/kernels/dist"],
    run: () => !existsSync(join(root, kernelsScript)) || runTool(kernelsScript, []),
    /** What of those the step itself, or the next one, changes at will. */
    ignored: /\.(js|d\.ts|map|tsbuildinfo)$/,
  },
  {
    name: "TypeScript",
    files: [
      ...["package-lock.json", "tsconfig.json", "tsconfig.base.json"],
      ...packages.flatMap((name) =>
        ["src", "package.json", "tsconfig.json", "dist/.tsbuildinfo"].map(
          (path) => `packages/${name}/${path}`,
        ),
      ),
    ],
    run() {
      const done = runTool(tools.tsc, ["-b"]);
      // npm makes it executable where it installs the package; here, npx finds it as it lies.
      if (done) chmodSync(join(root, "packages/cli/dist/bin.js"), 0o755);
      return done;
    },
  },
  {
    name: "the viewer's page",
    files: [
      "package-lock.json",
      ...["core", "io", "kernels", "neural", "viewer"].map((name) => `packages/${name}/src`),
      ...["index.html", "vite.config.ts"].map((name) => `packages/viewer/${name}`),
      "packages/server/page",
    ],
    run: () =>
      runTool(join(root, tools.vite), ["build", "--logLevel", "warn"], {
        cwd: join(root, "packages/viewer"),
      }),
  },
];

export function build({ force = false } = {}) {
  mkdirSync(join(root, "build"), { recursive: true });
  lock();
  try {
    return steps.every((step) => {
      const stamp = join(root, `build/.built-${step.name}`);
      const before = existsSync(stamp) ? readFileSync(stamp, "utf8") : undefined;
      if (!force && before === fingerprint(step)) return true;
      say(`building ${step.name}`);
      if (!step.run()) return false;
      writeFileSync(stamp, fingerprint(step));
      return true;
    });
  } finally {
    rmSync(lockPath, { force: true });
  }
}

/** Names, sizes and times of everything that a step reads, and of what it wrote. */
function fingerprint({ files, ignored }) {
  const hash = createHash("sha256");
  const add = (path) => {
    const entry = statSync(join(root, path), { throwIfNoEntry: false });
    if (entry?.isDirectory()) {
      for (const name of readdirSync(join(root, path)).sort()) add(`${path}/${name}`);
    } else if (!ignored?.test(path)) {
      hash.update(`${path} ${entry ? `${entry.size} ${entry.mtimeMs}` : "absent"}\n`);
    }
  };
  for (const path of files) add(path);
  return hash.digest("hex");
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
