import { describe, expect, test } from "vitest";
import { beginGuard, judge, rateFactorOf, rollBack } from "../src/guard.js";

const empty = new Float32Array(0);
const start = beginGuard({ state: { step: 0, parameters: empty, first: empty, second: empty } });

describe("the guard of a run", () => {
  test("a loss far above the best is watched, and for long means divergence", () => {
    const well = judge(start, 1);
    expect(well).toEqual({ verdict: "well", best: 1, risen: 0 });
    const noisy = judge({ ...start, ...well }, 9);
    expect(noisy).toEqual({ verdict: "well", best: 1, risen: 0 });
    const risen = judge({ ...start, ...well }, 11);
    expect(risen).toEqual({ verdict: "risen", best: 1, risen: 1 });
    expect(judge({ ...start, ...risen }, 12).verdict).toBe("diverged");
    expect(judge({ ...start, ...risen }, 0.5)).toEqual({ verdict: "well", best: 0.5, risen: 0 });
    expect(judge(start, Number.NaN).verdict).toBe("diverged");
    expect(judge(start, Number.POSITIVE_INFINITY).verdict).toBe("diverged");
  });

  test("halves the rates each time, five times", () => {
    let guard = start;
    for (let k = 1; k <= 5; k++) {
      guard = rollBack(guard, 10, Number.NaN);
      expect(rateFactorOf(guard)).toBe(0.5 ** k);
      expect(guard.good).toBe(start.good);
    }
    expect(() => rollBack(guard, 10, Number.NaN)).toThrow("smaller learning rate");
  });
});
