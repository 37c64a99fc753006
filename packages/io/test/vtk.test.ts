import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  bytesOf,
  bytesPerValue,
  countOf,
  Dataset,
  memoryVariable,
  type NumericArray,
  type NumericType,
  subset,
  textAttribute,
  type VariableSource,
  viewBytes,
} from "@fieldzip/core";
import { describe, expect, test } from "vitest";
import { openDataset, writeDataset } from "../src/index.js";
import { bytesOfVariable, closing, errorOf, noise, temporaryFolder } from "./flat-support.js";

const folder = await temporaryFolder();
const fixtures = join(import.meta.dirname, "../../../fixtures");
const python = process.env.FIELDZIP_PYTHON;
let files = 0;
const newPath = (extension: string) => join(folder, `${files++}${extension}`);
const open = async (path: string) => closing(await openDataset(join(fixtures, path)));

const types: NumericType[] = [
  ...(["float32", "float64", "int8", "int16", "int32", "int64"] as const),
  ...(["uint8", "uint16", "uint32", "uint64"] as const),
];

/** A dataset with these coordinates along z, y, x, and noise of every type (every NaN payload) on them. */
function dataset(
  coordinates: Record<string, readonly number[] | number>,
  { steps = 0, more = [] as VariableSource[], only = types } = {},
): Dataset {
  const sizes = Object.entries(coordinates).map(
    ([name, values]) => [name, typeof values === "number" ? values : values.length] as const,
  );
  const dimensions = [
    ...(steps > 0 ? [{ name: "step", size: steps }] : []),
    ...sizes.map(([name, size]) => ({ name, size })),
  ];
  const shape = dimensions.map(({ size }) => size);
  const names = dimensions.map(({ name }) => name);
  const variables = only.map((type, k) => {
    const data = viewBytes(type, noise(countOf(shape) * bytesPerValue(type), k + 1));
    return memoryVariable(`v_${type}`, type, names, shape, data, { units: textAttribute("<m>") });
  });
  return new Dataset({
    ...{ format: "raw", location: "memory", groups: [], dimensions },
    variables: [
      ...Object.entries(coordinates).flatMap(([name, values]) =>
        typeof values === "number"
          ? []
          : [memoryVariable(name, "float64", [name], [values.length], Float64Array.from(values))],
      ),
      ...variables,
      ...more,
    ],
    close: async () => {},
  });
}

const reader = `
import json, sys
from vtkmodules.vtkIOXML import vtkXMLImageDataReader, vtkXMLRectilinearGridReader
from vtkmodules.vtkCommonCore import vtkCommand
from vtkmodules.util.numpy_support import vtk_to_numpy
out = []
for path in sys.argv[1:]:
    reader = vtkXMLImageDataReader() if path.endswith(".vti") else vtkXMLRectilinearGridReader()
    errors = []
    reader.AddObserver("ErrorEvent", lambda *a: errors.append("error"))
    reader.SetFileName(path)
    assert reader.CanReadFile(path), path
    reader.Update()
    grid = reader.GetOutput()
    seen = {"errors": errors, "dimensions": list(grid.GetDimensions()), "point": {}, "cell": {}, "units": {}}
    if path.endswith(".vti"):
        seen["origin"], seen["spacing"] = list(grid.GetOrigin()), list(grid.GetSpacing())
    else:
        seen["coordinates"] = [vtk_to_numpy(c).tolist() for c in
            (grid.GetXCoordinates(), grid.GetYCoordinates(), grid.GetZCoordinates())]
    for kind, data in (("point", grid.GetPointData()), ("cell", grid.GetCellData())):
        for k in range(data.GetNumberOfArrays()):
            array = data.GetArray(k)
            values = vtk_to_numpy(array)
            seen[kind][array.GetName()] = [str(values.dtype), values.tobytes().hex()]
            key = array.UNITS_LABEL()
            if array.HasInformation() and array.GetInformation().Has(key):
                seen["units"][array.GetName()] = array.GetInformation().Get(key)
    time = grid.GetFieldData().GetArray("TimeValue")
    seen["time"] = None if time is None else time.GetTuple1(0)
    out.append(seen)
json.dump(out, sys.stdout)
`;

interface Seen {
  readonly errors: readonly string[];
  readonly dimensions: readonly number[];
  readonly point: Record<string, [type: string, bytes: string]>;
  readonly cell: Record<string, [type: string, bytes: string]>;
  readonly units: Record<string, string>;
  readonly origin?: readonly number[];
  readonly spacing?: readonly number[];
  readonly coordinates?: readonly (readonly number[])[];
  readonly time: number | null;
}

/** What VTK itself finds in files. */
async function inVtk(...paths: string[]): Promise<Seen[]> {
  const { stdout } = await promisify(execFile)(python ?? "", ["-c", reader, ...paths], {
    maxBuffer: 2 ** 28,
  });
  const seen = JSON.parse(stdout) as Seen[];
  for (const { errors } of seen) expect(errors).toEqual([]);
  return seen;
}

const hex = (values: NumericArray | Uint8Array) =>
  Buffer.from(bytesOf(values as NumericArray)).toString("hex");

describe.skipIf(!python)("in VTK (set FIELDZIP_PYTHON to a Python with vtk)", () => {
  test("an image holds every type to the bit, with its place, units and time", async () => {
    const path = newPath(".vti");
    const image = dataset({ z: [0, 2, 4], y: [5, 5.5, 6, 6.5], x: [-1, 0, 1, 2, 3] });
    const written = await writeDataset(image, path);
    const [seen] = await inVtk(path);
    expect(written.bytes).toBe((await readFile(path)).length);
    expect(seen).toMatchObject({ dimensions: [5, 4, 3], origin: [-1, 5, 0], spacing: [1, 0.5, 2] });
    expect(seen).toMatchObject({ cell: {}, time: null, units: { v_int16: "<m>" } });
    for (const type of types) {
      expect(seen.point[`v_${type}`], type).toEqual([
        type,
        hex((await image.variable(`v_${type}`).readBox()) as NumericArray),
      ]);
    }
  });

  test("falling axes rise, and the values go along", async () => {
    const [y, x] = [
      [60, 30, 5],
      [0, 1, 4, 9],
    ];
    const path = newPath(".vtr");
    const grid = dataset({ y, x }, { only: ["float64"] });
    await writeDataset(grid, path);
    const [{ coordinates, point }] = await inVtk(path);
    expect(coordinates).toEqual([[0, 1, 4, 9], [5, 30, 60], [0]]);
    const values = (await grid.variable("v_float64").readBox()) as Float64Array;
    const rows = [2, 1, 0].map((row) => hex(values.subarray(4 * row, 4 * row + 4)));
    expect(point.v_float64[1]).toBe(rows.join(""));
  });

  test("cells of a PLUTO run stay cells, a file a step with its time", async () => {
    const run = await open("pluto/turbulence");
    const path = newPath(".vti");
    const { files, leftOut } = await writeDataset(run, path);
    expect(leftOut).toEqual(["dt", "nstep"]);
    const [collection, ...parts] = files;
    expect(collection).toMatch(/\.pvd$/);
    const listed = [
      ...(await readFile(collection, "utf8")).matchAll(/timestep="(.*?)".*file="(.*?)"/g),
    ];
    expect(listed.map(([, , file]) => join(folder, file))).toEqual(parts);
    const seen = await inVtk(...parts);
    const times = [...((await run.variable("time").readBox()) as Float64Array)];
    expect(seen.map(({ time }) => time)).toEqual(times);
    expect(listed.map(([, time]) => Number(time))).toEqual(times);
    for (const [step, { dimensions, cell, point }] of seen.entries()) {
      expect(dimensions).toEqual([29, 25, 21]);
      expect(Object.keys(point)).toEqual([]);
      expect(Object.keys(cell)).toHaveLength(12);
      for (const [name, [type, values]] of Object.entries(cell)) {
        const all = await bytesOfVariable(run, name);
        const size = all.length / seen.length;
        expect([type, values]).toEqual([
          "float32",
          hex(all.subarray(step * size, (step + 1) * size)),
        ]);
      }
    }
  });

  test("one variable, step and box of it", async () => {
    const run = await open("pluto/turbulence");
    const part = subset(run, ["rho"], { step: 1, z: [3, 9], x: [2, 7] });
    const path = newPath(".vtr");
    await writeDataset(part, path);
    const [{ dimensions, coordinates, cell, time }] = await inVtk(path);
    expect(dimensions).toEqual([6, 25, 7]);
    const edges = (await run.variable("x_bounds").readBox()) as Float64Array;
    expect(coordinates?.[0]).toEqual([2, 3, 4, 5, 6, 7].map((k) => edges[2 * k]));
    expect(cell.rho[1]).toBe(hex(await bytesOfVariable(part, "rho")));
    expect(time).toBe(((await run.variable("time").readBox()) as Float64Array)[1]);
  });

  test("an atmosphere with falling levels and unequal latitudes, cells by their bounds", async () => {
    const model = await open("netcdf/o3_AERmon_MPI-ESM1-2-LR_historical_r1i1p1f1_gn_185001.nc");
    const path = newPath(".vtr");
    await writeDataset(subset(model, ["o3"], {}), path);
    const [{ dimensions, cell, point }] = await inVtk(path);
    const [, levels, rows, columns] = model.variable("o3").shape;
    expect(Object.keys(point)).toEqual([]);
    expect(dimensions).toEqual([columns + 1, rows + 1, levels + 1]);
    // Levels fall from 1 at the ground: the last one of the file is the first one here.
    const all = await bytesOfVariable(model, "o3");
    const plane = rows * columns * 4;
    expect(cell.o3[1].slice(0, 2 * plane)).toBe(hex(all.subarray((levels - 1) * plane)));
    expect(cell.o3[1].length).toBe(2 * all.length);
  });

  test("what has no steps is the same in every file", async () => {
    const ground = memoryVariable(
      "ground",
      "int16",
      ["y", "x"],
      [2, 3],
      new Int16Array([1, 2, 3, 4, 5, 6]),
    );
    const path = newPath(".vti");
    const { files } = await writeDataset(
      dataset({ y: 2, x: 3 }, { steps: 3, more: [ground], only: ["float32"] }),
      path,
    );
    const seen = await inVtk(...files.slice(1));
    for (const { point } of seen) expect(point.ground).toEqual(["int16", hex(ground16())]);
    expect(new Set(seen.map(({ point }) => point.v_float32[1])).size).toBe(3);
    expect(seen.map(({ time }) => time)).toEqual([0, 1, 2]);
  });
});

const ground16 = () => new Int16Array([1, 2, 3, 4, 5, 6]);

describe("what VTK has no form for is refused with a way out", () => {
  const refused = async (of: Dataset, extension = ".vti") => {
    const error = await errorOf(writeDataset(of, newPath(extension)));
    expect((await readdir(folder)).filter((name) => name.includes("partial"))).toEqual([]);
    return error;
  };

  test("unequal spacing in an image", async () => {
    const error = await refused(dataset({ z: [0, 1, 2], y: [0, 1, 3], x: 4 }));
    expect(error.tag).toBe("unsupported");
    expect(error.message).toMatch(/y with unequal spacing.*\.vtr/s);
  });

  test("curvilinear coordinates", async () => {
    const ocean = await open("netcdf/tos_cesm2fv2_192x200.nc");
    const error = await refused(subset(ocean, ["tos"], {}), ".vtr");
    expect(error.tag).toBe("unsupported");
    expect(error.message).toMatch(/curvilinear.*lat.*lon.*NetCDF/s);
  });

  test("a run in spherical coordinates", async () => {
    const { source } = dataset({ phi: 2, theta: 3, r: 4 });
    const groups = [{ path: "", attributes: { geometry: textAttribute("spherical") } }];
    const error = await refused(new Dataset({ ...source, groups }), ".vtr");
    expect(error.message).toMatch(/spherical coordinates/);
  });

  test("four axes in space, and several grids", async () => {
    const four = await refused(dataset({ member: 2, z: 3, y: 4, x: 5 }, { steps: 2 }));
    expect(four.message).toMatch(/member, z, y, x.*--select member=0/s);
    const edge = memoryVariable("b", "float32", ["y", "x_edge"], [2, 4], new Float32Array(8));
    const two = await refused(dataset({ y: 2, x: 3 }, { more: [edge], only: ["float32"] }));
    expect(two.tag).toBe("usage");
    expect(two.message).toMatch(/\[y, x\]: v_float32; \[y, x_edge\]: b.*--variable b/s);
  });

  test("coordinates that turn back, and nothing to draw", async () => {
    const turning = await refused(dataset({ y: 3, x: [0, 350, 10] }), ".vtr");
    expect(turning.message).toMatch(/coordinate x.*rise or fall/s);
    expect((await refused(dataset({ x: 3 }, { only: [] }))).tag).toBe("missing");
  });

  test("what stands there already, without a trace of the attempt", async () => {
    const image = dataset({ y: 2, x: 3 }, { steps: 2, only: ["float32"] });
    const path = newPath(".vti");
    const { files } = await writeDataset(image, path);
    const before = await readFile(files[1]);
    expect((await errorOf(writeDataset(image, path))).tag).toBe("exists");
    const stop = AbortSignal.abort();
    expect((await errorOf(writeDataset(image, path, { force: true, signal: stop }))).tag).toBe(
      "aborted",
    );
    expect((await readFile(files[1])).equals(before)).toBe(true);
    expect((await readdir(folder)).filter((name) => name.includes("partial"))).toEqual([]);
    await writeDataset(image, path, { force: true });
  });
});
