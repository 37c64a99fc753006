import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { build, fieldzip, fixtures, temporaryFolder } from "./helpers.js";

const folder = temporaryFolder();

beforeAll(build);

test.each(["mechanism", "mechanism-solve", "raw"])("--predictor %s", async (predictor) => {
  const archive = join(folder, `${predictor}.zarr`);
  const input = join(fixtures, "pluto/turbulence");
  const { code, stderr } = await fieldzip(
    "compress",
    input,
    archive,
    "--predictor",
    predictor,
    "--verify",
  );
  expect([code, stderr]).toEqual([0, ""]);
  const { stdout } = await fieldzip("inspect", archive, "--json");
  expect(stdout).toContain(`"${predictor}"`);
});
