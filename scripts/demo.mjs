// npm run demo: compresses, looks into, restores and verifies the small real fields of fixtures/ with
// the built command line, and says what came of it.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "./run.mjs";
import { setup } from "./setup.mjs";

const out = "build/demo";
const bin = "packages/cli/dist/bin.js";
/** A variable with fewer values is a coordinate or a flag, not a field. */
const fieldValues = 1000;

const datasets = [
  {
    path: "fixtures/pluto/turbulence",
    about: "plasma: relativistic turbulence, PLUTO output, 12 variables, 2 steps",
    output: "turbulence",
  },
  {
    path: "fixtures/pluto/kelvin-helmholtz",
    about: "plasma: a shear layer, PLUTO output, double precision, big endian",
    output: "kelvin-helmholtz",
  },
  {
    path: "fixtures/hdf5/rrmhd_turb_40x40x40.h5",
    about: "plasma: the turbulence as an HDF5 file",
    output: "rrmhd.h5",
  },
  {
    path: "fixtures/netcdf/o3_AERmon_MPI-ESM1-2-LR_historical_r1i1p1f1_gn_185001.nc",
    about: "climate: ozone, CMIP6",
    output: "o3.nc",
  },
  {
    path: "fixtures/netcdf/tos_cesm2fv2_192x200.nc",
    about: "climate: sea-surface temperature with land masked out, CMIP6",
    output: "tos.nc",
  },
  {
    path: "fixtures/netcdf/wrf_tip_d2.nc",
    about: "weather: 2 m temperature, WRF",
    output: "wrf.nc",
  },
  {
    path: "fixtures/netcdf/oisst_packed_180x300.nc",
    about: "ocean: sea-surface temperature packed as 16-bit integers, NOAA",
    output: "oisst.nc",
  },
  {
    path: "fixtures/netcdf/navy_winds_6months.cdf",
    about: "weather: winds, NetCDF classic",
    output: "winds.nc",
  },
  {
    path: "fixtures/raw/rho_20x24x28.f32",
    about: "a raw file: bare numbers, described on the command line",
    output: "rho.f32.raw",
    raw: ["--shape", "20,24,28", "--dtype", "f32", "--dimensions", "z,y,x"],
  },
];

async function demo() {
  const started = performance.now();
  if (!setup()) return 1;
  const { formatBytes, formatRatio, formatTable } = await import("../packages/cli/dist/format.js");
  rmSync(join(root, out), { recursive: true, force: true });
  mkdirSync(join(root, out), { recursive: true });

  heading("One simulation, step by step");
  const [first] = datasets;
  const archive = `${out}/${basename(first.path)}.zarr`;
  tell(`${first.about}, into an archive:`);
  show(["compress", first.path, archive]);
  tell("What is inside, with the law that it learned from one variable (`equation`):");
  show(["inspect", archive, "--variable", "rho"]);
  tell("Back to the files that the simulation wrote:");
  show(["decompress", archive, `${out}/${first.output}`]);
  const same = sameFiles(join(root, first.path), join(root, out, first.output));
  tell(same ? "Byte for byte the files that went in." : "These files are NOT those that went in.");
  tell("Only one variable, one step and ten layers of it, as .npy; no other chunk is decoded:");
  const part = ["--variable", "rho", "--select", "step=1,z=5:15"];
  show(["decompress", archive, `${out}/rho_part.npy`, ...part]);
  tell("Every checksum, and every bit against the original:");
  show(["verify", archive, "--against", first.path]);

  heading("A network in its place");
  const network = `${out}/${basename(first.path)}-network.zarr.zip`;
  tell("All 12 variables and both steps as one small network:");
  const goals = ["--ratio", "40", "--epochs", "60"];
  show(["compress", first.path, network, "--predictor", "neural", ...goals]);
  tell("What was lost, and a picture of it:");
  const lost = ["--variable", "rho,vx1,Bx1", "--quick", "--plot", `${out}/network.svg`];
  show(["compare", first.path, network, ...lost]);
  tell("Four times as many points along every axis, between two steps, without decoding the rest:");
  const finer = ["--variable", "rho", "--shape", "80,96,112", "--time", "0.5"];
  show(["decompress", network, `${out}/rho_finer.npy`, ...finer]);

  heading("The same with every fixture");
  const variables = [];
  const totals = [];
  let failures = same ? 0 : 1;
  for (const dataset of datasets) {
    console.log(`  ${dataset.about}`);
    const result = roundTrip(dataset);
    if (!result.ok) failures++;
    const { compressed } = result;
    for (const variable of compressed?.variables ?? []) {
      const values = variable.shape.reduce((product, size) => product * size, 1);
      if (values < fieldValues) continue;
      variables.push([
        basename(dataset.output),
        variable.name,
        variable.dataType,
        variable.shape.join(" x "),
        formatRatio(variable.originalBytes, variable.archiveBytes),
        ((8 * variable.archiveBytes) / values).toFixed(2),
        variable.predictor,
      ]);
    }
    totals.push([
      basename(dataset.output),
      compressed ? formatBytes(compressed.originalBytes) : "-",
      compressed ? formatRatio(compressed.originalBytes, compressed.archiveBytes) : "-",
      compressed ? rate(compressed.originalBytes, compressed.seconds) : "-",
      result.restored ? rate(compressed.originalBytes, result.restored.seconds) : "-",
      result.ok ? "every bit the same" : result.complaint,
    ]);
  }
  const right = "right";
  console.log(`\nEvery field (variables of ${fieldValues} values and more):\n`);
  console.log(
    formatTable(
      [
        { title: "dataset" },
        { title: "variable" },
        { title: "type" },
        { title: "shape" },
        { title: "ratio", align: right },
        { title: "bits/value", align: right },
        { title: "predictor" },
      ],
      variables,
    ),
  );
  console.log("\nEvery dataset, coordinates and metadata counted:\n");
  console.log(
    formatTable(
      [
        { title: "dataset" },
        { title: "original", align: right },
        { title: "ratio", align: right },
        { title: "compress", align: right },
        { title: "decompress", align: right },
        { title: "verified" },
      ],
      totals,
    ),
  );
  console.log(
    "\nRatio: original bytes / archive bytes. MB/s of original data, 1 MB = 10^6 bytes; these files\n" +
      "are so small that most of the time is start-up. Large fields: bench/README.md.",
  );
  console.log(`\nArchives and restored files are in ${out}/.`);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    failures === 0
      ? `Done in ${seconds} s: every dataset came back with every bit.`
      : `FAILED for ${failures} of ${datasets.length} datasets (${seconds} s).`,
  );
  return failures === 0 ? 0 : 1;
}

/** Compresses, restores and verifies one dataset through the command line. */
function roundTrip({ path, output, raw = [] }) {
  const archive = `${out}/all/${basename(path)}.zarr`;
  const restored = `${out}/all/${output}`;
  mkdirSync(join(root, out, "all"), { recursive: true });
  const steps = {};
  for (const [name, args] of [
    ["compressed", ["compress", path, archive, ...raw]],
    ["verified", ["verify", archive, "--against", path, ...raw]],
    ["restored", ["decompress", archive, restored]],
  ]) {
    const result = cli([...args, "--json", "--quiet"], "pipe");
    steps[name] = result.status === 0 ? JSON.parse(result.stdout) : undefined;
    if (!steps[name]) {
      return { ...steps, ok: false, complaint: result.stderr.trim().split("\n")[0] };
    }
  }
  return { ...steps, ok: true };
}

function cli(args, stdout) {
  return spawnSync(process.execPath, [bin, ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", stdout, stdout],
  });
}

function show(args) {
  console.log(`  $ fieldzip ${args.join(" ")}`);
  const result = cli(args, "inherit");
  if (result.status !== 0) {
    throw new Error(`fieldzip ${args[0]} ended with ${result.status ?? result.signal}`);
  }
}

function sameFiles(one, other) {
  if (statSync(one).isDirectory()) {
    return readdirSync(one).every((name) => sameFiles(join(one, name), join(other, name)));
  }
  return readFileSync(one).equals(readFileSync(other));
}

function rate(bytes, seconds) {
  return `${(bytes / 1e6 / seconds).toFixed(1)} MB/s`;
}

function heading(text) {
  console.log(`\n${text}\n${"-".repeat(text.length)}`);
}

function tell(text) {
  console.log(`\n${text}`);
}

try {
  process.exitCode = await demo();
} catch (error) {
  console.error(`\ndemo: ${error.message}`);
  process.exitCode = 1;
}
