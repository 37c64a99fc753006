import {
  boundsOf,
  type Dataset,
  FieldzipError,
  type NumericArray,
  numbersOf,
  textOf,
  type Variable,
} from "@fieldzip/core";

/** One axis of a grid: places of values, or, for values in cells, the edges of the cells; rising. */
export interface GridLine {
  readonly places: Float64Array;
  /** The file has it the other way round. */
  readonly flipped: boolean;
}

export interface StraightGrid {
  /** `cell`: a value stands for a cell between two places of each axis; `point`: for the place itself. */
  readonly centring: "cell" | "point";
  /** x, y, z. */
  readonly lines: readonly [GridLine, GridLine, GridLine];
}

/** Axes count as equally spaced where no place is further off than this share of a spacing. */
export const SPACING_TOLERANCE = 1e-3;

/** An axis that the data do not have: one place. */
const flat: GridLine = { places: Float64Array.of(0), flipped: false };

interface Axis {
  readonly name: string;
  readonly size: number;
  readonly centres: Float64Array;
  /** `size + 1`; undefined where the dataset does not say, or where cells do not meet. */
  readonly edges?: Float64Array;
}

/**
 * The grid that these axes (slowest first) span. Values are cells' where the dataset has the bounds of the cells along every
 * axis of more than one value, and these meet: PLUTO runs, models that keep CF's bounds. Otherwise they are points'.
 */
export async function straightGrid(
  dataset: Dataset,
  axes: readonly string[],
  signal?: AbortSignal,
): Promise<StraightGrid> {
  checkGeometry(dataset);
  const found = await Promise.all(axes.map((name) => axisOf(dataset, name, signal)));
  const extended = found.filter(({ size }) => size > 1);
  const isCell =
    extended.every(({ edges }) => edges) && found.some(({ edges }) => edges !== undefined);
  const lines = found.map(({ centres, edges }) => lineOf((isCell && edges) || centres)).reverse();
  const [x, y = flat, z = flat] = lines;
  return { centring: isCell ? "cell" : "point", lines: [x, y, z] };
}

/** Start and spacing of an axis whose places are equally far apart; undefined where they are not. */
export function spacingOf({ places }: GridLine): { origin: number; spacing: number } | undefined {
  const last = places.length - 1;
  if (last === 0) return { origin: places[0], spacing: 1 };
  const spacing = (places[last] - places[0]) / last;
  const even = places.every(
    (place, k) => Math.abs(place - (places[0] + k * spacing)) <= SPACING_TOLERANCE * spacing,
  );
  return even ? { origin: places[0], spacing } : undefined;
}

function lineOf(places: Float64Array): GridLine {
  const flipped = places[0] > places[places.length - 1];
  return { places: flipped ? places.slice().reverse() : places, flipped };
}

/** Without coordinates places are counted. */
async function axisOf(dataset: Dataset, name: string, signal?: AbortSignal): Promise<Axis> {
  const size = dataset.dimensions.find((dimension) => dimension.name === name)?.size ?? 0;
  if (size === 0) throw empty(dataset, name);
  const coordinate = dataset.variables.find(
    (variable) =>
      variable.name === name &&
      variable.shape.length === 1 &&
      variable.dataType !== "string" &&
      variable.dataType !== "char",
  );
  if (!coordinate) return { name, size, centres: Float64Array.from({ length: size }, (_, k) => k) };
  const centres = await numbers(coordinate, signal);
  if (!isMonotone(centres)) throw unordered(dataset, name);
  const sources = dataset.variables.map(({ source }) => source);
  const bounds = boundsOf(sources, coordinate.source);
  if (!bounds) return { name, size, centres };
  return {
    name,
    size,
    centres,
    edges: edgesOf(await numbers(dataset.variable(bounds.name), signal)),
  };
}

/** Pairs of bounds as edges, where each cell ends where the next one begins. */
function edgesOf(bounds: Float64Array): Float64Array | undefined {
  const size = bounds.length / 2;
  const falling = bounds[0] > bounds[bounds.length - 1];
  // CF lets a falling axis have its bounds either way round.
  const [low, high] = falling === bounds[0] > bounds[1] ? [0, 1] : [1, 0];
  const edges = Float64Array.from({ length: size + 1 }, (_, k) =>
    k < size ? bounds[2 * k + low] : bounds[2 * (size - 1) + high],
  );
  if (!isMonotone(edges)) return undefined;
  for (let k = 0; k + 1 < size; k++) {
    const gap = Math.abs(bounds[2 * k + high] - edges[k + 1]);
    if (!(gap <= SPACING_TOLERANCE * Math.abs(edges[k + 1] - edges[k]))) return undefined;
  }
  return edges;
}

async function numbers(variable: Variable, signal?: AbortSignal): Promise<Float64Array> {
  return numbersOf((await variable.readBox(undefined, signal)) as NumericArray);
}

function isMonotone(places: Float64Array): boolean {
  const rising = places[places.length - 1] > places[0];
  return places.every(
    (place, k) =>
      Number.isFinite(place) &&
      (k === 0 || (rising ? place > places[k - 1] : place < places[k - 1])),
  );
}

function checkGeometry(dataset: Dataset): void {
  const geometry = textOf(dataset, "geometry");
  if (geometry !== "polar" && geometry !== "spherical") return;
  throw new FieldzipError("unsupported", {
    where: dataset.location,
    expected: "a grid of straight axes",
    found: `a run in ${geometry} coordinates`,
    remedy:
      "write the run's own files or NetCDF (.nc), and place the cells in ParaView's Calculator",
  });
}

function unordered(dataset: Dataset, name: string) {
  return new FieldzipError("unsupported", {
    where: `${dataset.location}, coordinate ${name}`,
    expected: "coordinates that rise or fall all along",
    found: "ones that do not",
    remedy: `choose a part along which they do, such as --select ${name}=0:10, or write NetCDF (.nc)`,
  });
}

function empty(dataset: Dataset, name: string) {
  return new FieldzipError("missing", {
    where: `${dataset.location}, dimension ${name}`,
    expected: "at least one value",
    found: "none",
    remedy: "there is nothing to draw",
  });
}
