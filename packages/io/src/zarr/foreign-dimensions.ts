import { type Dimension, groupOf } from "@fieldzip/core";
import type { ForeignNode } from "./foreign-metadata.js";
import { member } from "./json.js";

/**
 * Gives every array's axes paths of dimensions. Zarr names axes and no more, so a name counts as
 * the dimension of the nearest group that has it with the same size; names of different sizes in
 * one group are told apart by their size (`x_97`).
 */
export function foreignDimensions(
  arrays: readonly { readonly node: ForeignNode; readonly shape: readonly number[] }[],
): { dimensions: Dimension[]; axes: Map<string, string[]> } {
  const sizes = new Map<string, number>();
  const paths = new Set(arrays.map(({ node }) => node.path));
  const axes = new Map<string, string[]>();
  const depth = (path: string) => path.split("/").length;
  for (const { node, shape } of [...arrays].sort(
    (a, b) => depth(a.node.path) - depth(b.node.path),
  )) {
    const names = axisNamesOf(node, shape.length);
    const group = groupOf(node.path);
    const own: string[] = [];
    names.forEach((name, axis) => {
      own.push(place(name, shape[axis], group, own));
    });
    axes.set(node.path, own);
  }
  return { dimensions: Array.from(sizes, ([name, size]) => ({ name, size })), axes };

  function place(name: string, size: number, group: string, taken: readonly string[]): string {
    const inGroup = (path: string) => (path === "" ? name : `${path}/${name}`);
    for (let path = group; ; path = groupOf(path)) {
      const candidate = inGroup(path);
      if (sizes.get(candidate) === size && !taken.includes(candidate)) return candidate;
      // A group with a coordinate of that name has a dimension of its own.
      if (path === "" || paths.has(candidate)) break;
    }
    let chosen = inGroup(group);
    if (sizes.has(chosen)) chosen = `${chosen}_${size}`;
    while (taken.includes(chosen) || (sizes.has(chosen) && sizes.get(chosen) !== size))
      chosen += "_";
    sizes.set(chosen, size);
    return chosen;
  }
}

function axisNamesOf(node: ForeignNode, rank: number): string[] {
  const given =
    node.version === 3
      ? member(node.metadata, "dimension_names")
      : member(node.attributes, "_ARRAY_DIMENSIONS");
  const names = Array.isArray(given) && given.length === rank ? given : [];
  return Array.from({ length: rank }, (_, axis) => {
    const name = names[axis];
    return typeof name === "string" && name !== "" && !name.includes("/") ? name : `dim_${axis}`;
  });
}
