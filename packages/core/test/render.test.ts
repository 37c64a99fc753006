import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  boxEdges,
  cameraOf,
  castVolume,
  colourAt,
  colourMapNames,
  createCaster,
  dot,
  opacityAt,
  pictureDifference,
  project,
  rayThrough,
  type ScaleName,
  TABLE_SIZE,
  transferTable,
  usableRange,
  valueScale,
} from "../src/render/index.js";

describe("colour maps", () => {
  it("begin and end with the published colours", () => {
    expect(colourAt("viridis", 0)).toEqual([68, 1, 84]);
    expect(colourAt("viridis", 1)).toEqual([253, 231, 37]);
    expect(colourAt("cividis", 0)).toEqual([0, 34, 78]);
    expect(colourAt("balance", -3)).toEqual(colourAt("balance", 0));
  });
  it.each(colourMapNames)("%s has no jump", (name) => {
    for (let k = 0; k < 1000; k++) {
      const [before, after] = [colourAt(name, k / 1000), colourAt(name, (k + 1) / 1000)];
      for (const part of [0, 1, 2] as const) {
        expect(Math.abs(after[part] - before[part])).toBeLessThan(4);
      }
    }
  });
});

describe("scales", () => {
  const names: ScaleName[] = ["linear", "logarithmic", "symmetric"];
  it.each(names)("%s: places and values are each other's inverse", (name) => {
    const finite = fc.integer({ min: -1e9, max: 1e9 }).map((count) => count / 1000);
    fc.assert(
      fc.property(finite, finite, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, place) => {
        const scale = valueScale(name, [Math.min(a, b), Math.max(a, b)]);
        const [low, high] = scale.range;
        expect(low).toBeLessThan(high);
        expect(scale.place(low)).toBeCloseTo(0, 6);
        expect(scale.place(high)).toBeCloseTo(1, 6);
        expect(scale.place(scale.value(place))).toBeCloseTo(place, 5);
      }),
    );
  });
  it("a logarithmic scale stays positive and has no place for the rest", () => {
    expect(usableRange("logarithmic", [-1, 100])).toEqual([1e-4, 100]);
    expect(usableRange("logarithmic", [-2, -1])[0]).toBeGreaterThan(0);
    expect(valueScale("logarithmic", [1, 100]).place(-5)).toBeNaN();
    expect(valueScale("logarithmic", [1, 100]).place(10)).toBeCloseTo(0.5);
  });
  it("constant and absent ranges are widened", () => {
    expect(usableRange("linear", [5, 5])).toEqual([4.995, 5.005]);
    expect(usableRange("linear", [Number.NaN, Number.NaN])).toEqual([0, 1]);
  });
});

describe("the transfer function", () => {
  const opacity = [
    { place: 0.2, opacity: 0 },
    { place: 0.6, opacity: 1 },
    { place: 0.6, opacity: 0.5 },
  ];
  it("is linear between points and constant beyond", () => {
    expect([0, 0.2, 0.9].map((place) => opacityAt(opacity, place))).toEqual([0, 0, 0.5]);
    expect(opacityAt(opacity, 0.4)).toBeCloseTo(0.5);
    expect(opacityAt([], 0.5)).toBe(0);
  });
  it("is a table of colours and opacities", () => {
    const table = transferTable({ map: "viridis", reversed: true, opacity });
    expect(table).toHaveLength(4 * TABLE_SIZE);
    expect([...table.subarray(0, 4)]).toEqual([253, 231, 37, 0]);
    expect([...table.subarray(-4)]).toEqual([68, 1, 84, 128]);
  });
});

describe("a camera", () => {
  const view = { turn: 30, tilt: 20, zoom: 1, shift: [0, 0] } as const;
  const edges = boxEdges([2, 1, 1]);

  it("holds the box at zoom 1, whatever the picture's shape", () => {
    for (const aspect of [0.4, 1, 2.5]) {
      for (const turn of [0, 45, 200]) {
        const camera = cameraOf({ ...view, turn }, edges, aspect);
        for (const [x, y, z] of [
          [-1, -1, -1],
          [1, -1, 1],
          [1, 1, 1],
          [-1, 1, -1],
        ]) {
          const [across, up] = project(camera, [
            (x * edges[0]) / 2,
            (y * edges[1]) / 2,
            (z * edges[2]) / 2,
          ]);
          expect(Math.max(Math.abs(across), Math.abs(up))).toBeLessThan(1);
        }
      }
    }
  });
  it("sees a point along the ray through its place in the picture", () => {
    const camera = cameraOf({ ...view, zoom: 2, shift: [0.2, -0.1] }, edges, 1.5);
    const point = [0.3, -0.2, 0.1] as const;
    const [across, up, depth] = project(camera, point);
    const ray = rayThrough(camera, across, up);
    const distance = depth / dot(ray, camera.forward);
    point.forEach((part, k) => {
      expect(camera.eye[k] + ray[k] * distance).toBeCloseTo(part, 9);
    });
  });
});

describe("the ray caster", () => {
  const shape = [16, 16, 16] as const;
  const scale = valueScale("linear", [0, 1]);
  const camera = cameraOf({ turn: 0, tilt: 0, zoom: 1, shift: [0, 0] }, [1, 1, 1], 1);
  const volumeOf = (value: (x: number, y: number, z: number) => number) => ({
    values: Float32Array.from({ length: 16 ** 3 }, (_, i) => value(i % 16, (i >> 4) % 16, i >> 8)),
    shape,
    edges: [1, 1, 1] as const,
  });
  const evenly = (opacity: number) => ({
    scale,
    transfer: { map: "grey", reversed: false, opacity: [{ place: 0, opacity }] } as const,
    shaded: false,
  });

  it("absorbs as a layer of the same thickness does", () => {
    const { cast } = createCaster(
      volumeOf(() => 1),
      camera,
      evenly(0.1),
    );
    // Straight through: the box is 32 layers thick.
    expect(cast(0, 0).colour[3]).toBeCloseTo(1 - 0.9 ** 32, 1);
    expect(cast(0.99, 0.99).colour[3]).toBe(0);
  });
  it("draws nothing where there is no value", () => {
    const { cast } = createCaster(
      volumeOf(() => Number.NaN),
      camera,
      evenly(1),
    );
    expect(cast(0, 0)).toEqual({ colour: [0, 0, 0, 0], point: undefined });
  });
  it("finds the surface where it lies", () => {
    const { meet } = createCaster(
      volumeOf((_, y) => y / 15),
      camera,
      evenly(1),
    );
    const point = meet(0, 0, 0.5)!;
    expect(point[1]).toBeCloseTo(0.5, 2);
    expect(meet(0, 0, 2)).toBeUndefined();
  });
  it("draws the same for one ray and for a picture", () => {
    const volume = volumeOf((x, y, z) => Math.sin(x * y) * Math.cos(z));
    const look = { ...evenly(0.3), shaded: true };
    const picture = castVolume(volume, camera, 4, 4, look);
    const one = createCaster(volume, camera, look).cast(0.25, -0.25).colour;
    one.forEach((part, k) => {
      expect(picture[4 * (2 * 4 + 2) + k]).toBeCloseTo(part, 5);
    });
  });
});

describe("the difference of pictures", () => {
  const picture = (change: (k: number) => number) =>
    Uint8Array.from(
      { length: 4 * 20 * 16 },
      (_, k) => (k % 4 === 3 ? 255 : (k * 7) % 200) + change(k),
    );
  it("is none between equal ones", () => {
    const one = picture(() => 0);
    expect(pictureDifference(one, one, 20, 16)).toEqual({ mse: 0, psnr: Infinity, ssim: 1 });
  });
  it("is that of red, green and blue", () => {
    const found = pictureDifference(
      picture(() => 0),
      picture((k) => (k % 4 === 0 ? 3 : 0)),
      20,
      16,
    );
    expect(found.mse).toBe(3);
    expect(found.psnr).toBeCloseTo(20 * Math.log10(255 / Math.sqrt(3)));
    expect(found.ssim).toBeLessThan(1);
    expect(() => pictureDifference([], [], 2, 2)).toThrow("16 bytes");
  });
});
