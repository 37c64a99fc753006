import type { Operator } from "./operator.js";

/** A linear differential operator, in units of the grid's spacing: x is the fast axis. */
export interface PhysicalOperator {
  readonly u_x: number;
  readonly u_y: number;
  readonly u_xx: number;
  readonly u_yy: number;
  readonly u_xy: number;
  readonly u: number;
  /** What the reference counts as of higher order: all that is left where the others cancel. */
  readonly u_xxy: number;
  readonly u_xyy: number;
  readonly u_xxyy: number;
}

/**
 * The operator in the nine matrices of MeLLoC: differences along x (c1), y (c2) and both diagonals (c5,
 * c6), second differences along the same (c3, c4, c7, c8), and the identity (c9).
 */
export function basisOf(operator: Operator): readonly number[] {
  const at = (x: number, y: number) => operator[3 * (y + 1) + x + 1];
  const c1 = (at(1, 0) - at(-1, 0)) / 2;
  const c2 = (at(0, 1) - at(0, -1)) / 2;
  const c3 = (at(1, 0) + at(-1, 0)) / 2;
  const c4 = (at(0, 1) + at(0, -1)) / 2;
  const c5 = (at(1, 1) - at(-1, -1)) / 2;
  const c6 = (at(-1, 1) - at(1, -1)) / 2;
  const c7 = (at(1, 1) + at(-1, -1)) / 2;
  const c8 = (at(-1, 1) + at(1, -1)) / 2;
  const c9 = at(0, 0) + 2 * (c3 + c4 + c7 + c8);
  return [c1, c2, c3, c4, c5, c6, c7, c8, c9];
}

/** What the operator is to a smooth field, up to terms of higher order. */
export function physicalOf(operator: Operator): PhysicalOperator {
  const [c1, c2, c3, c4, c5, c6, c7, c8, c9] = basisOf(operator);
  return {
    u_x: 2 * (c1 + c5 - c6),
    u_y: 2 * (c2 + c5 + c6),
    u_xx: c3 + c7 + c8,
    u_yy: c4 + c7 + c8,
    u_xy: 2 * (c7 - c8),
    u: c9,
    u_xxy: c5 + c6,
    u_xyy: c5 - c6,
    u_xxyy: (c7 + c8) / 2,
  };
}

/** `u_xx + 0.981 u_yy - 0.02 u_x = f`: scaled so that the largest term is 1, terms below 1e-6 of it left out. */
export function equationOf(operator: Operator): string {
  const physical = physicalOf(operator);
  const terms = (
    ["u_xx", "u_yy", "u_xy", "u_x", "u_y", "u", "u_xxy", "u_xyy", "u_xxyy"] as const
  ).map((name) => ({
    name,
    weight: physical[name],
  }));
  const largest = terms.reduce((a, b) => (Math.abs(b.weight) > Math.abs(a.weight) ? b : a)).weight;
  if (largest === 0) return "0 = f";
  const shown = terms
    .map(({ name, weight }) => ({ name, weight: weight / largest }))
    .filter(({ weight }) => Math.abs(weight) >= 1e-6)
    .map(({ name, weight }, k) => {
      const sign = weight < 0 ? (k === 0 ? "-" : "- ") : k === 0 ? "" : "+ ";
      const size = Number(Math.abs(weight).toPrecision(3));
      return `${sign}${size === 1 ? "" : `${size} `}${name}`;
    });
  return `${shown.join(" ")} = f`;
}
