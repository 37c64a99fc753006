/** Sampling as people write it. */
import { FieldzipError } from "@fieldzip/core";
import type { Sampling } from "../sampling.js";

/** Names of axes, counted from the last one. */
const axisNames = ["t", "z", "y", "x"];

export const samplingForms =
  "all, stride:2, random:0.1, slice:z:10, block:z=0:32,y=8:40,x=0:64, active:gradient:0.01:2";

/** Share of the cells at rest that are trained on beside active ones. */
const REST = 0.05;

/** Throws `usage` for text that says no sampling of any field. Whether a field has the axes is seen later. */
export function checkSamplingText(text: string): void {
  parseSampling(text, new Array<number>(axisNames.length).fill(2 ** 31), 0);
}

/**
 * `all`; `stride:n`, every n-th value along each axis; `random:share`; `slice:axis:index`; `block:axis=from:to,…`, where
 * axes that are not named stay whole; `active:value|gradient:threshold:dilate`, a share of the range and cells. Axes are x, y, z, t, counted from the last. `lengths`: values along every axis of
 * the field. Throws `usage`.
 */
export function parseSampling(text: string, lengths: readonly number[], seed: number): Sampling {
  const [kind, ...rest] = text.split(":");
  const argument = rest.join(":");
  if (text === "all") return { kind: "all" };
  if (kind === "stride" && /^[1-9]\d{0,8}$/.test(argument)) {
    return { kind: "stride", stride: Number(argument) };
  }
  if (kind === "random") {
    const share = Number(argument);
    if (share > 0 && share <= 1) return { kind: "random", share, seed };
  }
  if (kind === "active") {
    const found = /^(value|gradient):([0-9.e-]+):(\d{1,3})$/.exec(argument);
    const threshold = Number(found?.[2]);
    if (found && threshold >= 0) {
      const by = found[1] === "value" ? "value" : "gradient";
      return { kind, by, threshold, dilate: Number(found[3]), rest: REST, seed };
    }
  }
  if (kind === "slice") {
    const found = /^([tzyx]):(\d{1,9})$/.exec(argument);
    const axis = found ? axisOf(found[1], lengths) : -1;
    if (found && axis >= 0) return { kind: "slice", axis, index: Number(found[2]) };
  }
  if (kind === "block") {
    const start = lengths.map(() => 0);
    const end = [...lengths];
    const fits = argument.split(",").every((part) => {
      const found = /^([tzyx])=(\d{1,9}):(\d{1,9})$/.exec(part);
      const axis = found ? axisOf(found[1], lengths) : -1;
      if (!found || axis < 0) return false;
      [start[axis], end[axis]] = [Number(found[2]), Number(found[3])];
      return end[axis] > start[axis];
    });
    if (fits) return { kind: "block", start, shape: end.map((to, axis) => to - start[axis]) };
  }
  throw new FieldzipError("usage", {
    where: "sampling",
    expected: `a form such as ${samplingForms}, on ${lengths.length} axes`,
    found: JSON.stringify(text),
    remedy: "name axes x, y, z, t, of which a block has the last ones",
  });
}

/** -1 where the field has no such axis. */
function axisOf(name: string, lengths: readonly number[]): number {
  return lengths.length - axisNames.length + axisNames.indexOf(name);
}
