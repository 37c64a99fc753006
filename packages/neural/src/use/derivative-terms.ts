/** What gradient, divergence and curl are made of: sums of derivatives along axes. */
import {
  type Attributes,
  baseName,
  type Dataset,
  FieldzipError,
  textAttribute,
  textOf,
  type Variable,
} from "@fieldzip/core";
import { type AxisCoordinates, spatialAxes } from "./coordinates.js";

/** Coordinates by dimension. */
export type AxesByName = ReadonlyMap<string, AxisCoordinates>;

/** A sum of derivatives. */
export interface Derived {
  readonly name: string;
  /** A variable on the same grid. */
  readonly like: Variable;
  readonly terms: readonly {
    readonly variable: Variable;
    readonly axis: number;
    readonly sign: number;
  }[];
  readonly attributes: Attributes;
}

export function gradientOf(dataset: Dataset, variable: Variable, axes: AxesByName): Derived[] {
  return spatialAxes(dataset, variable).map((axis) => {
    const dimension = variable.dimensions[axis];
    const name = `gradient_${baseName(variable.name)}_${baseName(dimension)}`;
    const terms = [{ variable, axis, sign: 1 }];
    return {
      name,
      like: variable,
      terms,
      attributes: attributesOf(`d ${variable.name} / d ${dimension}`, terms, axes),
    };
  });
}

/** Components, the one along the last axis first, and the axis of each; undefined beyond the grid's. */
interface Vector {
  readonly components: readonly Variable[];
  readonly axes: readonly (number | undefined)[];
}

export function divergenceOf({ components, axes: along }: Vector, axes: AxesByName): Derived {
  const names = components.map(({ name }) => baseName(name));
  const terms = components.flatMap((variable, k) => {
    const axis = along[k];
    return axis === undefined ? [] : [{ variable, axis, sign: 1 }];
  });
  const attributes = attributesOf(`divergence of (${names.join(", ")})`, terms, axes);
  return { like: components[0], name: `divergence_${names.join("_")}`, terms, attributes };
}

export function curlOf({ components, axes: along }: Vector, axes: AxesByName): Derived[] {
  const names = components.map(({ name }) => baseName(name));
  const term = (component: number, axis: number, sign: number) => {
    const place = along[axis];
    return place === undefined ? [] : [{ variable: components[component], axis: place, sign }];
  };
  const wanted = components.length === 3 ? [0, 1, 2] : [2];
  return wanted.map((k) => {
    const [next, after] = [(k + 1) % 3, (k + 2) % 3];
    const terms = [...term(after, next, 1), ...term(next, after, -1)];
    const name = components.length === 3 ? `curl_${names[k]}` : `curl_${names.join("_")}`;
    const text = `component ${k + 1} of the curl of (${names.join(", ")})`;
    return { name, like: components[0], terms, attributes: attributesOf(text, terms, axes) };
  });
}

function attributesOf(text: string, terms: Derived["terms"], axes: AxesByName): Attributes {
  const units = new Set(
    terms.map(({ variable, axis }) => {
      const { values, units } = axes.get(variable.dimensions[axis])!;
      const own = textOf(variable, "units");
      // Unknown for one is unknown for the whole.
      return own !== undefined && values && units !== undefined ? `(${own})/(${units})` : undefined;
    }),
  );
  const [only] = units;
  return {
    long_name: textAttribute(text),
    ...(units.size === 1 && only !== undefined ? { units: textAttribute(only) } : {}),
  };
}

/** Straight axes only: a divergence or curl along angles has other terms. */
export function checkVector(
  dataset: Dataset,
  components: readonly Variable[],
  what: string,
  axes: AxesByName,
): Vector {
  const [first] = components;
  const names = components.map(({ name }) => name).join(", ");
  const fail = (
    tag: "usage" | "unsupported",
    expected: string,
    found: string,
    remedy: string,
  ): never => {
    throw new FieldzipError(tag, {
      where: `${dataset.location}, ${what} of ${names}`,
      expected,
      found,
      remedy,
    });
  };
  const count = components.length;
  const twice = new Set(components).size < count;
  if (twice || count > 3 || count < (what === "curl" ? 2 : 1)) {
    fail(
      "usage",
      "two or three different components",
      names,
      "name each component once, as in vx1,vx2,vx3",
    );
  }
  const odd = components.find(
    ({ dimensions, dataType }) =>
      `${dimensions} ${dataType}` !== `${first.dimensions} ${first.dataType}`,
  );
  if (odd) {
    const of = ({ dimensions, dataType }: Variable) => `${dataType} along ${dimensions.join(", ")}`;
    fail("usage", of(first), of(odd), "choose components on one grid");
  }
  const along = spatialAxes(dataset, first).reverse();
  // Nothing changes along an axis of one value.
  while (along.length > count && first.shape[along[along.length - 1]] === 1) along.pop();
  if (along.length > count) {
    const found = `${count} on axes ${first.dimensions.join(", ")}`;
    fail("usage", `${along.length} components`, found, "name a component for every axis");
  }
  const bent = along
    .map((axis) => axes.get(first.dimensions[axis])!)
    .find(({ dimension, values, units = "" }) => {
      const name = baseName(dimension);
      return (
        values &&
        (/^(r|theta|phi|lat|lon|latitude|longitude)$/i.test(name) || /deg|rad/i.test(units))
      );
    });
  if (bent) {
    const remedy =
      "divergence and curl are for straight axes; take gradients, or derivatives by index";
    fail("unsupported", "straight coordinates", bent.dimension, remedy);
  }
  return { components, axes: [0, 1, 2].map((k) => along[k]) };
}
