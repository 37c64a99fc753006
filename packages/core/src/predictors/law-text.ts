/** A law between variables: `-1.000 vx2 Bx3 + 1.000 vx3 Bx2`. */
export function lawText(
  terms: readonly { readonly coefficient: number; readonly factors: readonly string[] }[],
): string {
  return terms
    .map(({ coefficient, factors }, k) => {
      const sign = coefficient < 0 ? (k === 0 ? "-" : "- ") : k === 0 ? "" : "+ ";
      return [`${sign}${Math.abs(coefficient).toPrecision(4)}`, ...factors].join(" ");
    })
    .join(" ");
}
