// The tests of packages/python, on the wheel as a user installs it. Their counts, for the last line of `npm test`.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root, run, say } from "./run.mjs";
import { installWheel } from "./wheel.mjs";

const report = join(root, "build/pytest-report.xml");

/** Runs them (all, or the paths given) and resolves to { passed, failed, skipped }; `failed` is at least 1 where they could not run. */
export async function runPytest(python, paths = []) {
  const broken = { passed: 0, failed: 1, skipped: 0 };
  const site = await installWheel(python);
  if (!site) return broken;
  rmSync(report, { force: true });
  say("running the tests of packages/python (pytest)");
  const PYTHONPATH = [site, process.env.PYTHONPATH].filter(Boolean).join(delimiter);
  const env = { PYTHONPATH, PYTHONDONTWRITEBYTECODE: "1", FIELDZIP_NODE: process.execPath };
  const args = ["-m", "pytest", "-q", "--rootdir=packages/python", `--junitxml=${report}`];
  const where = paths.length > 0 ? paths : ["packages/python/tests"];
  const succeeded = run(python, [...args, ...where], { env });
  if (!existsSync(report)) return broken;
  const counts = countsOf(readFileSync(report, "utf8"));
  return succeeded || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

function countsOf(xml) {
  const suite = /<testsuite [^>]*>/.exec(xml)?.[0] ?? "";
  const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  return {
    passed: number("tests") - failed - number("skipped"),
    failed,
    skipped: number("skipped"),
  };
}
