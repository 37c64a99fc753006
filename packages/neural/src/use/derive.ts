/** Gradient, divergence and curl, from the derivatives of networks or from central differences. */
import {
  Dataset,
  FieldzipError,
  type FloatType,
  isFloatType,
  textOf,
  type Variable,
  type VariableSource,
} from "@fieldzip/core";
import { asValues, type ComputeBox, positionsOf, shapeOn, together } from "./computed.js";
import { type AxisCoordinates, coordinateOf, readCoordinates, spacingAt } from "./coordinates.js";
import {
  type AxesByName,
  checkVector,
  curlOf,
  type Derived,
  divergenceOf,
  gradientOf,
} from "./derivative-terms.js";
import type { GridPlaces } from "./grid-places.js";
import { resample } from "./resample.js";
import type { Sampler } from "./sampler.js";

/** Vectors have their component along the last axis first: vx1, vx2, vx3 for axes z, y, x. */
export interface DeriveRequest {
  /** Of these variables, a variable an axis: `gradient_rho_x`. */
  readonly gradient?: readonly string[];
  /** Of vectors: `divergence_Bx1_Bx2_Bx3`. */
  readonly divergence?: readonly (readonly string[])[];
  /** Of vectors: `curl_vx1`, `curl_vx2`, `curl_vx3`; of two components the third one, `curl_vx1_vx2`. */
  readonly curl?: readonly (readonly string[])[];
}

export interface DeriveOptions {
  /** Where; default: at the stored places. */
  readonly places?: GridPlaces;
  /**
   * `physical` (default): by the dataset's coordinates, and by index position along axes without any.
   * `index`: by index position everywhere.
   */
  readonly by?: "physical" | "index";
  /** As in `SampleOptions`. */
  readonly average?: number;
  readonly signal?: AbortSignal;
}

/** A dataset of what was asked for, computed as it is read, with the coordinates that belong to it. */
export async function derive(
  sampler: Sampler,
  { gradient = [], divergence = [], curl = [] }: DeriveRequest,
  { places = new Map(), by = "physical", average, signal }: DeriveOptions = {},
): Promise<Dataset> {
  const { dataset } = sampler;
  const all = [...gradient, ...[...divergence, ...curl].flat()];
  const variables = new Map(all.map((name) => [name, floatVariable(dataset, name)]));
  const axes = new Map<string, AxisCoordinates>();
  for (const { dimensions, shape } of variables.values()) {
    for (const [axis, name] of dimensions.entries()) {
      if (axes.has(name)) continue;
      const plain = { dimension: name, size: shape[axis] };
      axes.set(name, by === "index" ? plain : await readCoordinates(dataset, name, signal));
    }
  }
  const vector = (names: readonly string[], what: string) =>
    checkVector(
      dataset,
      names.map((name) => variables.get(name)!),
      what,
      axes,
    );
  const derived = [
    ...gradient.flatMap((name) => gradientOf(dataset, variables.get(name)!, axes)),
    ...divergence.map((names) => divergenceOf(vector(names, "divergence"), axes)),
    ...curl.flatMap((names) => curlOf(vector(names, "curl"), axes)),
  ];
  checkNames(dataset, derived);
  const sources: VariableSource[] = [];
  for (const [like, group] of groupsOf(derived)) {
    const compute = together(computeOf(sampler, group, like, { places, axes, average }));
    for (const { name, attributes } of group) {
      sources.push({
        ...{ name, attributes, dimensions: like.dimensions, dataType: like.dataType },
        shape: shapeOn(like.source, places),
        readBox: async (box, signal) =>
          asValues(await compute(name, box, signal), like.dataType as FloatType, { attributes }),
      });
    }
  }
  return withCoordinates(await resample(sampler, places, signal), sources);
}

function floatVariable(dataset: Dataset, name: string): Variable {
  const variable = dataset.variable(name);
  if (isFloatType(variable.dataType)) return variable;
  throw new FieldzipError("usage", {
    where: `${dataset.location}, variable ${name}`,
    expected: "float32 or float64",
    found: variable.dataType,
    remedy: "choose variables that can be differentiated",
  });
}

function checkNames(dataset: Dataset, derived: readonly Derived[]): void {
  const names = derived.map(({ name }) => name);
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  if (names.length > 0 && twice === undefined) return;
  throw new FieldzipError("usage", {
    where: dataset.location,
    expected: "one gradient, divergence or curl, or several different ones",
    found: twice ?? "none",
    remedy: "ask for each once",
  });
}

/** What stands on the same grid is computed together; by a variable of it. */
function groupsOf(derived: readonly Derived[]): Map<Variable, Derived[]> {
  const groups = new Map<Variable, Derived[]>();
  for (const one of derived) {
    const key = ({ dimensions, dataType }: Variable) => `${dimensions} ${dataType}`;
    const like = [...groups.keys()].find((other) => key(other) === key(one.like)) ?? one.like;
    groups.set(like, [...(groups.get(like) ?? []), one]);
  }
  return groups;
}

function computeOf(
  sampler: Sampler,
  group: readonly Derived[],
  like: Variable,
  { places, axes, average }: { places: GridPlaces; axes: AxesByName; average?: number },
): ComputeBox {
  const terms = group.flatMap((one) => one.terms);
  const needed = [...new Set(terms.map(({ variable }) => variable.name))];
  return async (box, signal) => {
    const positions = positionsOf(like.dimensions, places, box);
    const derivatives = await derivativesOf(sampler, needed, terms, positions, { average, signal });
    const factors = positions.map((list, axis) =>
      list.map((position) => 1 / spacingAt(axes.get(like.dimensions[axis])!, position)),
    );
    return new Map(
      group.map(({ name, terms }) => {
        const sum = new Float64Array(positions.reduce((count, { length }) => count * length, 1));
        for (const { variable, axis, sign } of terms) {
          addScaled(
            sum,
            derivatives.get(`${variable.name} ${axis}`)!,
            box.shape,
            axis,
            factors[axis],
            sign,
          );
        }
        return [name, sum];
      }),
    );
  };
}

/** By name and axis. A network gives all variables at the price of one, and axes one by one; differences the other way. */
async function derivativesOf(
  sampler: Sampler,
  names: readonly string[],
  terms: Derived["terms"],
  axes: readonly Float64Array[],
  { average, signal }: { average?: number; signal?: AbortSignal },
): Promise<Map<string, Float64Array>> {
  const results = new Map<string, Float64Array>();
  const networks: string[] = [];
  const calls: string[][] = [];
  for (const name of names) {
    if (sampler.method(name) === "network") networks.push(name);
    else calls.push([name]);
  }
  if (networks.length > 0) calls.push(networks);
  for (const call of calls) {
    const own = terms.filter(({ variable }) => call.includes(variable.name));
    const derivatives = [...new Set(own.map(({ axis }) => axis))];
    const found = await sampler.sample(call, { axes }, { derivatives, average, signal });
    call.forEach((name, k) => {
      derivatives.forEach((axis, d) => {
        results.set(`${name} ${axis}`, found[k].derivatives[d]);
      });
    });
  }
  return results;
}

/** sum += sign * list * factor, the factor by the index along an axis. */
function addScaled(
  sum: Float64Array,
  list: Float64Array,
  shape: readonly number[],
  axis: number,
  factors: Float64Array,
  sign: number,
): void {
  const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  for (let i = 0; i < sum.length; i++) {
    sum[i] += sign * list[i] * factors[Math.floor(i / inner) % factors.length];
  }
}

/** What was computed, with coordinates, cell bounds and whatever else stands along one of its axes. */
function withCoordinates(dataset: Dataset, computed: readonly VariableSource[]): Dataset {
  const used = new Set(computed.flatMap(({ dimensions }) => dimensions));
  const bounds = new Set(
    [...used].flatMap((name) => {
      const coordinate = coordinateOf(dataset, name);
      return (coordinate && textOf(coordinate, "bounds")) ?? [];
    }),
  );
  const kept = dataset.source.variables.filter(
    ({ name, dimensions }) =>
      bounds.has(name) || (dimensions.length === 1 && used.has(dimensions[0])),
  );
  const variables = [...kept, ...computed];
  const dimensions = new Set(variables.flatMap((variable) => variable.dimensions));
  return new Dataset({
    ...dataset.source,
    original: undefined,
    dimensions: dataset.dimensions.filter(({ name }) => dimensions.has(name)),
    variables,
  });
}
