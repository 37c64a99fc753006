import {
  FIRST_VARIABLE,
  type Geometry,
  type JointSource,
  type JointStencil,
  LAW_FIELD,
  type Source,
  type Stencil,
} from "@fieldzip/kernels";
import { fieldOf } from "./side-information.js";

/**
 * A learned stencil as an equation, largest weights first:
 * `u[z,y,x] = 0.981 u[z,y,x-1] + 0.977 u[z,y-1,x] - 0.96 u[z,y-1,x-1] + …`. In a joint chunk `law` is
 * what the law says, `v3` variable number 3.
 */
export function equationOf(stencil: Stencil | JointStencil, geometry: Geometry, terms = 8): string {
  const axes = [
    geometry.outer > 1 ? "t" : "",
    geometry.depth > 1 ? "z" : "",
    geometry.height > 1 ? "y" : "",
    "x",
  ];
  const place = (...offsets: number[]) =>
    `[${axes
      .map((axis, k) =>
        axis === ""
          ? ""
          : `${axis}${offsets[k] === 0 ? "" : offsets[k] > 0 ? `+${offsets[k]}` : offsets[k]}`,
      )
      .filter((part) => part !== "")
      .join(",")}]`;
  const all = [
    { weight: stencil.left[0], at: `u${place(0, 0, 0, -1)}` },
    { weight: stencil.left[1], at: `u${place(0, 0, 0, -2)}` },
    ...stencil.sources.flatMap((source, k) =>
      [-1, 0, 1].map((dx) => ({
        weight: stencil.weights[3 * k + dx + 1],
        at: `${nameOf(source)}${place(source.dt, source.dz, source.dy, dx)}`,
      })),
    ),
  ].filter(({ weight }) => weight !== 0);
  all.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const shown = all
    .slice(0, terms)
    .map(({ weight, at }, k) => {
      const sign = weight < 0 ? (k === 0 ? "-" : "- ") : k === 0 ? "" : "+ ";
      return `${sign}${Number(Math.abs(weight).toPrecision(3))} ${at}`;
    })
    .join(" ");
  const rest = all.length > terms ? ` + ${all.length - terms} smaller terms` : "";
  return `u${place(0, 0, 0, 0)} = ${shown || "0"}${rest}`;
}

function nameOf(source: Source | JointSource): string {
  const field = fieldOf(source);
  return field === 0 ? "u" : field === LAW_FIELD ? "law" : `v${field - FIRST_VARIABLE}`;
}
