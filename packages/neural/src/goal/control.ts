/** How the quantiser's steps are steered while a network is trained. All of it follows from the reports alone. */
import { quantiseDefaults, type SizeControl } from "../quantise/options.js";

/** Largest integer of a network that is steered: steps may become much finer than those of 8 bits, for low ratios. */
export const STEERED_LIMIT = 16383;
/** Where the last part of a training begins, which is done again where the goal was missed: shares of the steps. */
export const TAIL_FROM = 0.85;
/** Share of all steps, the last ones, in which the quantiser stays, for the parameters to settle. */
const REST = 0.05;
/** Calls between the first quantised step and the last step. */
const CALLS = 16;
/** Most that steps change in one call. */
const MOST_FACTOR = 1.5;
/** dB that a training gains while its rate falls from the largest to nothing, about. */
const GAIN = 4;
/** How boldly an error in dB is answered: a step twice as large costs 6 dB only where rounding is all of the error. */
const BOLDNESS = 0.7;

/** Towards a PSNR at the end: until then less, by what is still to be gained. */
export function towardsPsnr(psnr: number, steps: number): SizeControl {
  return {
    ...watchPsnr(steps),
    adjust(report) {
      if (Number.isNaN(report.psnr) || report.done > (1 - REST) * report.total) return 1;
      const rate = (1 + Math.cos((Math.PI * report.done) / report.total)) / 2;
      const over = report.psnr + GAIN * Math.sqrt(rate) - psnr;
      return clamp(2 ** ((BOLDNESS * over) / 6.02));
    },
  };
}

/** Reports now and then, and changes nothing. */
export function watchPsnr(steps: number): SizeControl {
  const every = Math.max(1, Math.floor((steps * (1 - quantiseDefaults.from)) / CALLS));
  return { every, estimate: () => 0, adjust: () => 1 };
}

function clamp(factor: number): number {
  return Math.min(MOST_FACTOR, Math.max(1 / MOST_FACTOR, factor));
}
