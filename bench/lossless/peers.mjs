/** The other compressors: a Python process that measures one call at a time. */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../machine.mjs";

const folder = join(root, "bench/peers");
/** The one that `fieldzip bench` uses. */
const script = join(root, "packages/cli/peers.py");
const environment = join(folder, ".venv");
const python = join(environment, "bin/python");

/** Makes the virtual environment where it is missing or was made from other requirements. */
function prepare() {
  const requirements = join(folder, "requirements.txt");
  const stamp = join(environment, "requirements.sha256");
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stderr.write("making bench/peers/.venv\n");
  execFileSync("python3", ["-m", "venv", environment], { stdio: ["ignore", 2, 2] });
  execFileSync(python, ["-m", "pip", "install", "--quiet", "-r", requirements], {
    stdio: ["ignore", 2, 2],
  });
  writeFileSync(stamp, wanted);
}

/** Starts the process. `ask` sends one request and resolves to its answer; ask one at a time. */
export async function startPeers() {
  prepare();
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function ask(request) {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done)
      throw new Error(`the peers' process ended while it was asked ${JSON.stringify(request)}`);
    return JSON.parse(value);
  }
  const { codecs, versions } = await ask({ list: true });
  return { codecs, versions, ask, close: () => child.stdin.end() };
}
