import {
  type Attributes,
  countOf,
  Dataset,
  memoryVariable,
  textAttribute,
  type VariableSource,
} from "@fieldzip/core";

/** Coordinates x that lie ever further apart, z and y evenly; x has cell bounds. */
export const axes = {
  z: Float64Array.from({ length: 8 }, (_, i) => 0.5 * i),
  y: Float64Array.from({ length: 10 }, (_, i) => 3 - 0.25 * i),
  x: Float64Array.from({ length: 12 }, (_, i) => 0.3 * i + 0.01 * i * i),
};

/** A dataset on z, y, x, in `steps` steps where a number is given. */
export function datasetOf(
  variables: Readonly<Record<string, (t: number, z: number, y: number, x: number) => number>>,
  options: { steps?: number; type?: "float32" | "float64"; units?: string } = {},
): Dataset {
  const { steps, type = "float64", units } = options;
  const sizes = { ...(steps ? { step: steps } : {}), z: 8, y: 10, x: 12 };
  const dimensions = Object.entries(sizes).map(([name, size]) => ({ name, size }));
  const names = dimensions.map(({ name }) => name);
  const shape = dimensions.map(({ size }) => size);
  const own: Attributes = units ? { units: textAttribute(units) } : {};
  const fields = Object.entries(variables).map(([name, value]) => {
    const values = Array.from({ length: countOf(shape) }, (_, i) => {
      const [x, y, z] = [i % 12, Math.floor(i / 12) % 10, Math.floor(i / 120) % 8];
      return value(Math.floor(i / 960), axes.z[z], axes.y[y], axes.x[x]);
    });
    const list = type === "float32" ? Float32Array.from(values) : Float64Array.from(values);
    return memoryVariable(name, type, names, shape, list, own);
  });
  const edges = Float64Array.from(
    { length: 24 },
    (_, i) => axes.x[i >> 1] + (i % 2 ? 0.15 : -0.15),
  );
  const coordinates: VariableSource[] = Object.entries(axes).map(([name, values]) =>
    memoryVariable(name, "float64", [name], [values.length], values, {
      units: textAttribute("m"),
      ...(name === "x" ? { bounds: textAttribute("x_bounds") } : {}),
    }),
  );
  coordinates.push(memoryVariable("x_bounds", "float64", ["x", "bounds"], [12, 2], edges));
  if (steps) {
    const numbers = Int32Array.from({ length: steps }, (_, i) => 10 * i);
    coordinates.push(memoryVariable("step", "int32", ["step"], [steps], numbers));
  }
  return new Dataset({
    format: "test",
    location: "test",
    dimensions: [...dimensions, { name: "bounds", size: 2 }],
    groups: [],
    variables: [...coordinates, ...fields],
    original: "what its format needs",
    async close() {},
  });
}
