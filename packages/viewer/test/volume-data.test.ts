import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { absentHalf, halfOf } from "../src/data/half.js";
import { cellMap, prepareBrick } from "../src/data/tasks.js";
import { brickPlaces } from "../src/scene/bricks.js";
import { Pace } from "../src/scene/pace.js";

/** The number that a half float stands for. */
function numberOf(half: number): number {
  const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return half & 0x8000 ? -size : size;
}

describe("half floats", () => {
  it("are the nearest ones", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (value) => {
        const half = halfOf(value);
        const error = (at: number) => Math.abs(numberOf(at) - value);
        const rounding = 2 ** -40;
        expect(error(half)).toBeLessThanOrEqual(error(half + 1) + rounding);
        if (half > 0) expect(error(half)).toBeLessThanOrEqual(error(half - 1) + rounding);
      }),
    );
    expect([halfOf(0), halfOf(1), numberOf(absentHalf)]).toEqual([0, 0x3c00, -64]);
  });
});

describe("a brick's map", () => {
  it("never hides what shows, on either side of a cell's border", () => {
    const shape = [9, 12, 17] as const;
    const count = shape[0] * shape[1] * shape[2];
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -0.2, max: 1.2, noNaN: false }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (some, from) => {
          const values = Float32Array.from(
            { length: count },
            (_, i) => some[(i * 31) % some.length],
          );
          const shows = (place: number) => place >= from && place <= from + 0.1;
          const brick = prepareBrick({ values, shape, scale: "linear", range: [0, 1], cell: 4 });
          const map = cellMap(brick, shows);
          const [, cy, cx] = brick.cells;
          for (let i = 0; i < count; i++) {
            const place = Math.min(1, Math.max(0, values[i]));
            if (!Number.isFinite(values[i]) || !shows(place)) continue;
            const [z, y, x] = [Math.floor(i / (12 * 17)), Math.floor(i / 17) % 12, i % 17];
            for (const by of [-1, 0, 1]) {
              const at = [z + by, y + by, x + by];
              if (at.some((k, axis) => k < 0 || k >= shape[axis])) continue;
              const [a, b, c] = at.map((k) => Math.floor(k / 4));
              expect(map[(a * cy + b) * cx + c]).toBe(255);
            }
          }
        },
      ),
    );
  });
  it("hides cells without values, and those in which nothing shows", () => {
    const values = new Float32Array(4 ** 3).fill(Number.NaN);
    const empty = prepareBrick({
      values,
      shape: [4, 4, 4],
      scale: "linear",
      range: [0, 1],
      cell: 4,
    });
    expect([...cellMap(empty, () => true)]).toEqual([0]);
    expect(new Set(empty.halves)).toEqual(new Set([absentHalf]));
    values.fill(0.25);
    const brick = prepareBrick({
      values,
      shape: [4, 4, 4],
      scale: "linear",
      range: [0, 1],
      cell: 4,
    });
    expect([...cellMap(brick, (place) => place > 0.5)]).toEqual([0]);
  });
});

describe("bricks", () => {
  it("cover a field without overlap and know their neighbours", () => {
    const shape = [300, 20, 513] as const;
    const places = brickPlaces(shape, 256);
    expect(places).toHaveLength(2 * 1 * 3);
    for (const { origin, size, low, high } of places) {
      for (const axis of [0, 1, 2]) {
        const [from, to] = [low[axis] * shape[axis], high[axis] * shape[axis]];
        expect(origin[axis]).toBe(Math.max(0, Math.round(from) - 1));
        expect(origin[axis] + size[axis]).toBe(Math.min(shape[axis], Math.round(to) + 1));
        expect(size[axis]).toBeLessThanOrEqual(258);
      }
    }
    const volume = places.reduce((sum, { low, high }) => {
      const [z, y, x] = low.map((from, axis) => high[axis] - from);
      return sum + z * y * x;
    }, 0);
    expect(volume).toBeCloseTo(1);
  });
});

describe("the pace", () => {
  /** Draws until it is as fine as it gets, on a machine that takes so long for a full frame. */
  function settle(pace: Pace, fullMs: number) {
    let now = pace.moving;
    for (let frame = 0; frame < 50; frame++) {
      pace.took(now, 3 + (fullMs * now.scale ** 2) / now.coarseness);
      const next = pace.finer(now);
      if (!next) return now;
      now = next;
    }
    throw new Error("it never rests");
  }

  it("draws in full on a fast machine, moving or not", () => {
    const pace = new Pace();
    expect(settle(pace, 8)).toEqual({ scale: 1, coarseness: 1 });
    expect(pace.moving).toEqual({ scale: 1, coarseness: 1 });
  });
  it("steps down on a slow one, and refines as far as a frame at rest may take", () => {
    const pace = new Pace();
    const { scale } = settle(pace, 6000);
    expect(scale).toBeGreaterThan(0.3);
    expect(6000 * scale ** 2).toBeLessThan(1400);
    expect(pace.moving.scale).toBeLessThan(0.2);
  });
  it("does not take the time of compiling shaders for that of drawing", () => {
    const pace = new Pace();
    pace.took(pace.moving, 4000);
    expect(settle(pace, 5)).toEqual({ scale: 1, coarseness: 1 });
  });
});
