import {
  type Attributes,
  bytesOf,
  Dataset,
  type DatasetSource,
  type DataType,
  extractBox,
  type NumericArray,
  type VariableSource,
  viewBytes,
  wholeBox,
} from "@fieldzip/core";
import { noise } from "../flat-support.js";

/** A variable whose values are in memory. */
export function memoryVariable(
  name: string,
  dataType: DataType,
  dimensions: Record<string, number>,
  data: NumericArray | string[],
  attributes: Attributes = {},
): VariableSource {
  const shape = Object.values(dimensions);
  return {
    name,
    dataType,
    shape,
    dimensions: Object.keys(dimensions),
    attributes,
    readBox: async (box) => extractBox(dataType, data, shape, box),
  };
}

export const numericTypes = [
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float32",
  "float64",
] as const;

/** Everything that NetCDF-4 can say: groups, types, coordinates of all kinds, text, no values. */
export function richDataset(): Dataset {
  const t = { t: 3 };
  const tyx = { t: 3, y: 4, x: 5 };
  const values = (type: (typeof numericTypes)[number] | "char", count: number, seed: number) => {
    const size = type === "char" ? 1 : Number(type.replace(/\D+/, "")) / 8;
    return viewBytes(type, noise(count * size, seed));
  };
  const source: DatasetSource = {
    format: "netcdf",
    location: "rich.nc",
    dimensions: [
      { name: "x", size: 5 },
      { name: "t", size: 3, unlimited: true },
      { name: "y", size: 4 },
      { name: "nothing", size: 0, unlimited: true },
      { name: "name", size: 6 },
      { name: "grp/t", size: 2 },
    ],
    groups: [
      {
        path: "",
        attributes: {
          title: { type: "char", values: ["Grüße\nzwei Zeilen"] },
          empty: { type: "char", values: [""] },
          latin: { type: "char", values: ["\udce9t\udce9"] },
          one: { type: "string", values: ["ein Text"], scalar: true },
          many: { type: "string", values: ["a", "", "dré"] },
          long: { type: "char", values: ["x".repeat(100_000)] },
          table: { type: "float64", values: Array.from({ length: 10_000 }, (_, i) => i / 7) },
          none: { type: "float32", values: [] },
          scalar: { type: "float32", values: [1.5], scalar: true },
        },
      },
      { path: "grp", attributes: { level: { type: "int64", values: [-(2n ** 63n)] } } },
      { path: "grp/inner", attributes: {} },
    ],
    variables: [
      memoryVariable("y", "float64", { y: 4 }, values("float64", 4, 1), {
        units: { type: "char", values: ["m"] },
      }),
      memoryVariable("t", "int64", t, values("int64", 3, 2)),
      ...numericTypes.map((type, i) =>
        memoryVariable(`v_${type}`, type, tyx, values(type, 60, 10 + i), {
          _FillValue: { type, values: [type.endsWith("64") && !type.startsWith("f") ? 7n : 7] },
        }),
      ),
      memoryVariable("x", "float32", { y: 4, x: 5 }, values("float32", 20, 30)),
      memoryVariable("station", "char", { y: 4, name: 6 }, values("char", 24, 31)),
      memoryVariable("label", "string", { y: 4 }, ["α", "", "long ".repeat(50), "d"]),
      memoryVariable("pole", "int32", {}, Int32Array.of(-1)),
      memoryVariable("word", "string", {}, ["allein"]),
      memoryVariable("later", "float32", { nothing: 0, x: 5 }, new Float32Array(0)),
      memoryVariable("grp/t", "float32", { "grp/t": 2, x: 5 }, values("float32", 10, 32)),
      memoryVariable("grp/inner/w", "float64", { "grp/t": 2, y: 4 }, values("float64", 8, 33)),
    ],
    close: async () => {},
  };
  return new Dataset(source);
}

/** The values of a variable as text that can be compared. */
export async function valuesOf(variable: VariableSource): Promise<string> {
  const data = await variable.readBox(wholeBox(variable.shape));
  return Array.isArray(data) ? JSON.stringify(data) : Buffer.from(bytesOf(data)).toString("hex");
}
