// npm test: set-up (with what the tests need beyond npm packages), style, types, tests. Arguments go
// to vitest, those below packages/python to pytest: `npm test -- packages/io/test/npy.test.ts`. The last
// line is the counts of both.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { provideChromium } from "./chromium.mjs";
import { runPytest } from "./pytest.mjs";
import { providePython } from "./python.mjs";
import { root, runTool, say, tools } from "./run.mjs";
import { setup } from "./setup.mjs";

const report = join(root, "build/test-report.json");
const failures = [];
const counts = { passed: 0, failed: 0, skipped: 0 };
const given = process.argv.slice(2);
const forPytest = given.filter((argument) => argument.startsWith("packages/python"));
const forVitest = given.filter((argument) => !argument.startsWith("packages/python"));

if (setup()) {
  const env = {};
  const chromium = provideChromium();
  if (chromium) env.FIELDZIP_CHROMIUM = chromium;
  else say("no Chromium here and none could be installed: the browser tests will be skipped");
  const python = providePython();
  if (python) env.FIELDZIP_PYTHON = python;
  else say("no Python 3.11 with netCDF4, zarr and xarray: the tests against them will be skipped");

  say("checking style (biome)");
  if (!runTool(tools.biome, ["check", "."])) failures.push("biome check");
  say("checking types (tsc)");
  if (!runTool(tools.tsc, ["-b"])) failures.push("tsc -b");
  if (forVitest.length > 0 || forPytest.length === 0) {
    say("running the tests (vitest)");
    add(runTests(env));
  }
  if (forPytest.length > 0 || forVitest.length === 0) {
    // Without a Python they count as one that is skipped: how many they are, nobody says.
    add(python ? await runPytest(python, forPytest) : { passed: 0, failed: 0, skipped: 1 });
  }
} else {
  failures.push("set-up");
}

if (failures.length > 0) console.log(`\nfailed: ${failures.join(", ")}`);
const failed = counts.failed + failures.length;
console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

function add(more) {
  for (const name of Object.keys(counts)) counts[name] += more[name];
}

function runTests(env) {
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const succeeded = runTool(tools.vitest, ["run", ...reporters, ...forVitest], { env });
  if (!existsSync(report)) {
    failures.push("vitest (it wrote no report)");
    return { passed: 0, failed: 0, skipped: 0 };
  }
  const result = JSON.parse(readFileSync(report, "utf8"));
  // A file that cannot be loaded, or whose hooks fail, has no failed test of its own.
  const brokenFiles = result.testResults.filter(
    (file) =>
      file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = result.numFailedTests + brokenFiles;
  if (!succeeded && failed === 0) failures.push("vitest (unhandled error or no tests)");
  return {
    passed: result.numPassedTests,
    failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}
