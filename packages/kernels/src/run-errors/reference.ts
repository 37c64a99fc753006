/** Errors by runs in plain loops: the truth that `kernel.ts` is held to. */

const RUN = 16;

function meansOf(errors: readonly number[], least: number): number[] {
  return errors.map((_, r) => {
    const from = r - (r % RUN);
    const run = errors.slice(from, from + RUN);
    return Math.max(run.reduce((sum, error) => sum + error, 0) / run.length, least);
  });
}

export function weightsOfRunsReference(errors: readonly number[], least: number): number[] {
  const means = meansOf(errors, least);
  return errors.map((error, r) => (least / means[r]) * (least / (error + means[r])));
}

/** The logarithms proper: the kernel's are within 0.01 of them, a value. */
export function logarithmsOfRunsReference(errors: readonly number[], least: number): number {
  return meansOf(errors, least).reduce((sum, mean) => sum + Math.log2(mean), 0);
}
