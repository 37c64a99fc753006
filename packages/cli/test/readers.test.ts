import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { bytesOf, type NumericArray } from "@fieldzip/core";
import { openDataset } from "@fieldzip/io";
import { beforeAll, describe, expect, it } from "vitest";
import { build, fieldzip, fixtures, temporaryFolder } from "./helpers.js";

// What other programs find in the files that come out of an archive.

const folder = temporaryFolder();
const python = process.env.FIELDZIP_PYTHON;
const original = join(fixtures, "pluto/turbulence");
const archive = join(folder, "run.zarr");
const names = ["rho", "vx1", "prs", "Bx3"];

function inPython(script: string, ...args: string[]): Record<string, string> {
  const { status, stdout, stderr } = spawnSync(python ?? "", ["-c", script, ...args], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

/** Bytes of variables of the original, in hexadecimal; of one step where it is given. */
async function originalBytes(step?: number): Promise<Record<string, string>> {
  const dataset = await openDataset(original);
  const found: Record<string, string> = {};
  for (const name of names) {
    const { data } = await dataset.variable(name).read(step === undefined ? {} : { step });
    found[name] = Buffer.from(bytesOf(data as NumericArray)).toString("hex");
  }
  await dataset.close();
  return found;
}

const netcdfReader = `
import json, sys, netCDF4
data = netCDF4.Dataset(sys.argv[1])
data.set_auto_maskandscale(False)
print(json.dumps({name: data[name][...].tobytes().hex() for name in sys.argv[2:]}))
`;

const imageReader = `
import json, sys
from vtkmodules.vtkIOXML import vtkXMLImageDataReader
from vtkmodules.util.numpy_support import vtk_to_numpy
reader = vtkXMLImageDataReader()
reader.SetFileName(sys.argv[1])
reader.Update()
data = reader.GetOutput().GetCellData()
print(json.dumps({name: vtk_to_numpy(data.GetArray(name)).tobytes().hex() for name in sys.argv[2:]}))
`;

describe.skipIf(!python)("files out of an archive, in other programs (set FIELDZIP_PYTHON)", () => {
  beforeAll(async () => {
    build();
    expect(await fieldzip("compress", original, archive)).toMatchObject({ code: 0 });
  });

  it("hold the bits that were compressed: NetCDF in netCDF4-python", async () => {
    const path = join(folder, "run.nc");
    expect(await fieldzip("decompress", archive, path)).toMatchObject({ code: 0 });
    expect(inPython(netcdfReader, path, ...names)).toEqual(await originalBytes());
  });

  it("hold the bits that were compressed: ImageData in VTK", async () => {
    const { code, stdout } = await fieldzip("decompress", archive, join(folder, "run.vti"));
    expect(code).toBe(0);
    expect(stdout).toContain(`written to ${join(folder, "run.pvd")} in 3 files`);
    expect(stdout).toContain("left out, on no grid: dt, nstep");
    for (const step of [0, 1]) {
      const path = join(folder, `run_vti/run_000${step}.vti`);
      expect(inPython(imageReader, path, ...names)).toEqual(await originalBytes(step));
    }
  });

  it("are boxes and other resolutions, too: ImageData in VTK", async () => {
    const path = join(folder, "box.vti");
    const part = ["--variable", names.join(","), "--box", "4:8,0:24,7:14", "--time", "1"];
    expect(await fieldzip("decompress", archive, path, ...part)).toMatchObject({ code: 0 });
    const box = inPython(imageReader, path, ...names);
    const dataset = await openDataset(original);
    const stored = { step: 1, z: [4, 8], x: [7, 14] } as const;
    const { data } = await dataset.variable("rho").read(stored);
    expect(box.rho).toBe(Buffer.from(bytesOf(data as NumericArray)).toString("hex"));
    await dataset.close();

    const fine = join(folder, "fine.vti");
    const places = ["--variable", "rho", "--shape", "40,48,56", "--time", "0.5"];
    expect(await fieldzip("decompress", archive, fine, ...places)).toMatchObject({ code: 0 });
    expect(inPython(imageReader, fine, "rho").rho).toHaveLength(2 * 4 * 40 * 48 * 56);
  });
});
