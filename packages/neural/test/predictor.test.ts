import { expect, test } from "vitest";
import { packPlain, unpackPlain } from "../src/plain-data.js";
import { openJournal } from "../src/predictor/journal.js";
import { parseSampling } from "../src/predictor/sampling-text.js";
import { completeNeuralSettings, neuralDefaults } from "../src/predictor/settings.js";

/** What stands around a training: settings, sampling as text, and the journal that a job goes on from. */

test("plain data comes back from its bytes", () => {
  const value = {
    ...{ text: "ä", yes: true, none: null, list: [1, [2.5, -3]], empty: {} },
    numbers: [Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-300],
    floats: Float32Array.of(1.5, Number.NaN),
    deeper: { symbols: Int16Array.of(-7, 8), doubles: Float64Array.of(1 / 3) },
  };
  const bytes = packPlain(value);
  // At an odd place in a larger buffer.
  const moved = new Uint8Array(bytes.length + 3);
  moved.set(bytes, 3);
  expect(unpackPlain(moved.subarray(3))).toEqual(value);
  expect(Object.is((unpackPlain(bytes) as typeof value).numbers[2], -0)).toBe(true);
  expect(() => unpackPlain(bytes.subarray(0, bytes.length - 4))).toThrow(RangeError);
  expect(() => packPlain({ big: BigInt64Array.of(1n) })).toThrow(RangeError);
});

test("a journal knows what was done, and what was under way", async () => {
  let kept: Uint8Array | undefined;
  let writes = 0;
  const checkpoint = {
    seconds: 0,
    read: async () => kept,
    write: async (bytes: Uint8Array) => {
      kept = bytes;
      writes++;
    },
  };
  const first = await openJournal(checkpoint);
  expect(await first.remember("a", async () => ({ x: 1 }))).toEqual({ x: 1 });
  await new Promise((resolve) => setTimeout(resolve, 30));
  await first.keep("b", Float32Array.of(3));
  const second = await openJournal(checkpoint);
  expect(second.spent()).toBeGreaterThan(0.025);
  expect(await second.remember("a", async () => ({ x: 2 }))).toEqual({ x: 1 });
  expect(second.kept("b")).toEqual(Float32Array.of(3));
  expect(second.kept("a")).toBeUndefined();
  await second.remember("b", async () => 4);
  expect(second.kept("b")).toBeUndefined();

  const patient = await openJournal({ ...checkpoint, seconds: 1000 });
  writes = 0;
  await patient.keep("c", 5);
  expect(writes).toBe(0);
  await patient.flush();
  expect(writes).toBe(1);
  const none = await openJournal(undefined);
  expect(await none.remember("a", async () => 6)).toBe(6);
});

test("settings are completed, and refused where they make no sense", () => {
  expect(completeNeuralSettings({})).toEqual(neuralDefaults);
  expect(completeNeuralSettings({ seed: 3, network: { kind: "fourier", width: 8 } })).toMatchObject(
    { seed: 3, network: { kind: "fourier", width: 8 }, weights: "8bit" },
  );
  for (const wrong of [
    { unknown: 1 },
    { seed: -1 },
    { ghosts: 3 },
    { weights: "4bit" },
    { epochs: 0 },
    { network: "grid" },
    { network: { kind: "tree" } },
    { network: { kind: "grid", mapping: "off" } },
    { network: { kind: "grid", levels: [{ spacing: 2 }] } },
    { network: { kind: "grid", levels: [{ spacing: 2, features: 4, more: 1 }] } },
    { sampling: "some" },
    { sampling: "slice:q:3" },
    { reproducible: 1 },
  ]) {
    expect(() => completeNeuralSettings(wrong)).toThrow(expect.objectContaining({ tag: "usage" }));
  }
});

test("sampling as text", () => {
  const parse = (text: string, lengths = [10, 20, 30]) => parseSampling(text, lengths, 5);
  expect(parse("all")).toEqual({ kind: "all" });
  expect(parse("stride:3")).toEqual({ kind: "stride", stride: 3 });
  expect(parse("random:0.25")).toEqual({ kind: "random", share: 0.25, seed: 5 });
  expect(parse("slice:y:7")).toEqual({ kind: "slice", axis: 1, index: 7 });
  expect(parse("slice:x:7", [40])).toEqual({ kind: "slice", axis: 0, index: 7 });
  expect(parse("block:z=2:4,x=0:8")).toEqual({
    ...{ kind: "block", start: [2, 0, 0], shape: [2, 20, 8] },
  });
  for (const text of ["", "stride:0", "random:2", "slice:t:1", "slice:y", "block:x=4:2", "all:"]) {
    expect(() => parse(text)).toThrow(expect.objectContaining({ tag: "usage" }));
  }
});
