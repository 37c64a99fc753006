/** Python processes that answer a JSON object a line, in virtual environments of pinned packages. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../machine.mjs";
import { startJsonProcess } from "./json-process.mjs";

const folder = join(root, "bench/peers");

/** Makes the virtual environment where it is missing or was made from other requirements. */
function preparePython(requirements, environment) {
  const file = join(folder, requirements);
  const place = join(folder, environment);
  const python = join(place, "bin/python");
  const stamp = join(place, "requirements.sha256");
  const wanted = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return python;
  process.stderr.write(`making bench/peers/${environment}\n`);
  const stdio = ["ignore", 2, 2];
  execFileSync("python3", ["-m", "venv", place], { stdio });
  execFileSync(python, ["-m", "pip", "install", "--quiet", "-r", file], { stdio });
  writeFileSync(stamp, wanted);
  return python;
}

/**
 * Starts a script. `ask` sends one request and resolves to its answer; ask one at a time.
 * @param {{ requirements: string, environment: string, script: string, env?: Record<string, string> }} what
 *   requirements and environment by their names in bench/peers
 */
export function startPython({ requirements, environment, script, env }) {
  return startJsonProcess(preparePython(requirements, environment), [script], env);
}
