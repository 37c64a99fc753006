import { describe, expect, it } from "vitest";
import {
  choiceOf,
  integerOf,
  namesOf,
  selectionOf,
  shapeOf,
  textOf,
} from "../src/option-values.js";
import { openOptionsOf } from "../src/raw-options.js";

const usage = (where: string) =>
  expect.objectContaining({ tag: "usage", details: expect.objectContaining({ where }) });

describe("flag values", () => {
  it("whole numbers within limits", () => {
    expect(integerOf({ threads: "4" }, "threads", 0, 8)).toBe(4);
    expect(integerOf({}, "threads", 0, 8)).toBeUndefined();
    for (const threads of ["-1", "9", "2.5", "1e1", "", "four", "0x2"]) {
      expect(() => integerOf({ threads }, "threads", 0, 8)).toThrow(usage("--threads"));
    }
  });
  it("shapes", () => {
    expect(shapeOf({ shape: "72,96,128" }, "shape")).toEqual([72, 96, 128]);
    expect(shapeOf({ shape: "72x96" }, "shape")).toEqual([72, 96]);
    expect(shapeOf({ shape: "" }, "shape")).toEqual([]);
    for (const shape of ["72,", "a", "-1", "1.5", "9999999999999999"]) {
      expect(() => shapeOf({ shape }, "shape")).toThrow(usage("--shape"));
    }
  });
  it("selections", () => {
    expect(selectionOf({ select: "step=3,z=10:20" }, "select")).toEqual({ step: 3, z: [10, 20] });
    for (const select of ["", "step", "step=", "step=-1", "z=1:2:3", "z=1,z=2", "=3"]) {
      expect(() => selectionOf({ select }, "select")).toThrow(usage("--select"));
    }
    const hostile = selectionOf({ select: "__proto__=3" }, "select");
    expect(Object.keys(hostile ?? {})).toEqual(["__proto__"]);
  });
  it("names and choices", () => {
    expect(namesOf({ variable: "rho, vx1" }, "variable")).toEqual(["rho", "vx1"]);
    expect(() => namesOf({ variable: "rho,,vx1" }, "variable")).toThrow(usage("--variable"));
    expect(choiceOf({ joint: "auto" }, "joint", ["auto", "never"])).toBe("auto");
    expect(() => choiceOf({ byteOrder: "huge" }, "byteOrder", ["big"])).toThrow(
      usage("--byte-order"),
    );
    expect(textOf({ to: true }, "to")).toBeUndefined();
  });
  it("a raw file needs its shape and its type", () => {
    expect(openOptionsOf({})).toEqual({});
    expect(openOptionsOf({ shape: "2,3", dtype: "f32", offset: "8" })).toEqual({
      shape: [2, 3],
      dtype: "f32",
      offset: 8,
    });
    expect(() => openOptionsOf({ shape: "2,3" })).toThrow(usage("--dtype"));
    expect(() => openOptionsOf({ dtype: "f32" })).toThrow(usage("--shape"));
    expect(() => openOptionsOf({ byteOrder: "big" })).toThrow(usage("--shape"));
  });
});
