// A Python with the readers that the tests compare ours with, in .venv; pinned in test-requirements.txt.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, root, run, say } from "./run.mjs";

const requirements = join(root, "scripts/test-requirements.txt");
const folder = join(root, ".venv");
const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const stamp = join(folder, ".requirements");

/** Path of that Python, installing it where that is possible; undefined where it is not. */
export function providePython() {
  if (process.env.FIELDZIP_PYTHON) return process.env.FIELDZIP_PYTHON;
  const wanted = readFileSync(requirements, "utf8");
  if (existsSync(python) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    return python;
  }
  const version = "import sys; print(sys.version_info >= (3, 11))";
  const base = ["python3.13", "python3.12", "python3.11", "python3", "python"].find(
    (name) => capture(name, ["-c", version])?.trim() === "True",
  );
  if (!base) return undefined;
  say("installing Python readers to compare with (.venv, scripts/test-requirements.txt)");
  const quiet = ["--quiet", "--disable-pip-version-check"];
  const done =
    run(base, ["-m", "venv", "--clear", folder]) &&
    run(python, ["-m", "pip", "install", ...quiet, "-r", requirements], { timeout: 300_000 });
  if (!done) return undefined;
  writeFileSync(stamp, wanted);
  return python;
}
