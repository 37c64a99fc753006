import type { SizeControl } from "./options.js";

/** Calls from the first quantised step to the last. */
const CALLS = 40;
/** Share of all steps, the last ones, in which steps stay, for the weights to settle. */
const REST = 0.05;
/** One call changes steps by at most this factor. */
const MOST = 2;

/** Steers parameters to so many bytes. `steps`: of the whole training, quantised from a share `from` on. */
export function sizeTarget(
  bytes: number,
  { steps, from, estimate }: { steps: number; from: number } & Pick<SizeControl, "estimate">,
): SizeControl {
  return {
    every: Math.max(1, Math.floor((steps * (1 - from)) / CALLS)),
    estimate,
    adjust(report) {
      if (report.done > (1 - REST) * report.total) return 1;
      // A step twice as long saves at most a bit a parameter.
      const octaves = (8 * (report.bytes - bytes)) / report.integers;
      return Math.min(Math.max(2 ** octaves, 1 / MOST), MOST);
    },
  };
}
