import { modes } from "@fieldzip/core/render";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkOf, stateOf } from "../src/state/deep-link.js";
import { defaultState, type ViewState } from "../src/state/view-state.js";

const share = fc.integer({ min: 0, max: 1000 }).map((k) => k / 1000);
const angle = fc.integer({ min: -890, max: 890 }).map((k) => k / 10);
const states: fc.Arbitrary<ViewState> = fc.record({
  a: fc.option(fc.webUrl(), { nil: undefined }),
  b: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  variable: fc.string(),
  other: fc.string(),
  step: fc.nat(1e6),
  others: fc.array(fc.nat(99), { maxLength: 4 }),
  cursor: fc.option(fc.tuple(fc.nat(9999), fc.nat(9999), fc.nat(9999)), { nil: undefined }),
  mode: fc.constantFrom(...modes),
  axis: fc.constantFrom(0 as const, 1 as const, 2 as const),
  difference: fc.constantFrom("absolute" as const, "signed" as const),
  showDifference: fc.boolean(),
  range: fc.option(fc.tuple(fc.integer({ min: -999, max: 0 }), fc.integer({ min: 1, max: 999 })), {
    nil: undefined,
  }),
  scale: fc.constantFrom("linear" as const, "logarithmic" as const, "symmetric" as const),
  map: fc.constantFrom("viridis" as const, "balance" as const),
  reversed: fc.boolean(),
  opacity: fc.option(
    fc
      .array(fc.record({ place: share, opacity: share }), { minLength: 1, maxLength: 6 })
      .map((points) => [...points].sort((one, other) => one.place - other.place)),
    { nil: undefined },
  ),
  surface: share,
  shaded: fc.boolean(),
  smooth: fc.boolean(),
  camera: fc.record({
    turn: angle,
    tilt: angle,
    zoom: fc.integer({ min: 1, max: 100 }),
    shift: fc.tuple(share, share),
  }),
  theme: fc.constantFrom("auto" as const, "light" as const, "dark" as const),
});

describe("a link", () => {
  it("holds the whole view", () => {
    fc.assert(
      fc.property(states, (state) => {
        const { query, fragment } = linkOf(state);
        expect(stateOf(`?${query}`, `#${fragment}`)).toEqual(state);
      }),
    );
  });
  it("says only what is not so by default", () => {
    const state = { ...defaultState, a: "/raw/run.zarr", variable: "rho", mode: "volume" as const };
    expect(linkOf(state)).toEqual({
      query: "a=/raw/run.zarr",
      fragment: "variable=rho&mode=volume",
    });
    expect(linkOf(defaultState)).toEqual({ query: "", fragment: "" });
  });
  it.each([
    "mode=cube",
    "step=-1",
    "step=1e99",
    "range=2,1",
    "range=1",
    "range=NaN,1",
    "camera=1,2",
    "camera=0,0,0,0,0",
    "opacity=",
    "opacity=1:2",
    "cursor=1,2",
    "axis=3",
    "map=jet",
    "surface=2",
    "shaded=yes",
    "others=1,x",
    "%E0%A4%A",
  ])("that says nonsense is as if it said nothing: %s", (fragment) => {
    expect(stateOf("", `#${fragment}`)).toEqual(defaultState);
  });
});
