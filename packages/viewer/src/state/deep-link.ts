import { colourMapNames, type OpacityPoint, type ScaleName } from "@fieldzip/core/render";
import { defaultState, differences, modes, themes, type ViewState } from "./view-state.js";

const scales: readonly ScaleName[] = ["linear", "logarithmic", "symmetric"];

/** How one part of the state stands in a link; `read` gives undefined for what makes no sense. */
interface Part<Value> {
  write(value: Value): string;
  read(text: string): Value | undefined;
}

const text: Part<string> = { write: (value) => value, read: (value) => value };
const flag: Part<boolean> = {
  write: (value) => (value ? "1" : "0"),
  read: (value) => (value === "1" ? true : value === "0" ? false : undefined),
};
const count: Part<number> = {
  write: String,
  read: (value) => (/^\d{1,9}$/.test(value) ? Number(value) : undefined),
};
const share: Part<number> = {
  write: short,
  read: (value) => within(value, 0, 1),
};

function oneOf<Name extends string>(names: readonly Name[]): Part<Name> {
  return { write: (value) => value, read: (value) => names.find((name) => name === value) };
}

function list<Value>(part: Part<Value>, most: number, least = 0): Part<readonly Value[]> {
  return {
    write: (values) => values.map(part.write).join(","),
    read(value) {
      const found = value === "" ? [] : value.split(",").map(part.read);
      if (found.length > most || found.length < least) return undefined;
      return found.every((one) => one !== undefined) ? (found as Value[]) : undefined;
    },
  };
}

const number: Part<number> = { write: short, read: (value) => within(value, -1e300, 1e300) };

const point: Part<OpacityPoint> = {
  write: ({ place, opacity }) => `${short(place)}:${short(opacity)}`,
  read(value) {
    const [place, opacity] = value.split(":").map((one) => within(one, 0, 1));
    return place === undefined || opacity === undefined ? undefined : { place, opacity };
  },
};

/** Every part by its name in the link. The locations stand in the query, the view in the fragment. */
const parts: { readonly [Key in keyof ViewState]-?: Part<NonNullable<ViewState[Key]>> } = {
  a: text,
  b: text,
  variable: text,
  other: text,
  step: count,
  others: list(count, 8),
  cursor: list(count, 3, 3) as Part<NonNullable<ViewState["cursor"]>>,
  mode: oneOf(modes),
  axis: {
    write: String,
    read: (value) => (["0", "1", "2"].includes(value) ? (Number(value) as 0) : undefined),
  },
  difference: oneOf(differences),
  showDifference: flag,
  range: {
    write: list(number, 2, 2).write,
    read(value) {
      const found = list(number, 2, 2).read(value);
      return found && found[0] < found[1] ? [found[0], found[1]] : undefined;
    },
  },
  scale: oneOf(scales),
  map: oneOf(colourMapNames),
  reversed: flag,
  opacity: {
    write: list(point, 32).write,
    read(value) {
      const found = list(point, 32, 1).read(value);
      return found && [...found].sort((one, other) => one.place - other.place);
    },
  },
  surface: share,
  shaded: flag,
  smooth: flag,
  camera: {
    write: ({ turn, tilt, zoom, shift }) => [turn, tilt, zoom, ...shift].map(short).join(","),
    read(value) {
      const [turn, tilt, zoom, across, up, ...rest] = value
        .split(",")
        .map((one) => within(one, -1e6, 1e6));
      if (rest.length > 0 || turn === undefined || tilt === undefined || zoom === undefined) {
        return undefined;
      }
      if (across === undefined || up === undefined || zoom < 0.05 || zoom > 200) return undefined;
      return { turn, tilt: Math.max(-89, Math.min(89, tilt)), zoom, shift: [across, up] };
    },
  },
  theme: oneOf(themes),
};

const inQuery: readonly (keyof ViewState)[] = ["a", "b"];

/** The query and fragment that hold a state: only what is not as it is by default. */
export function linkOf(state: ViewState): { query: string; fragment: string } {
  const query = new URLSearchParams();
  const fragment = new URLSearchParams();
  for (const key of Object.keys(parts) as (keyof ViewState)[]) {
    const value = state[key];
    if (value === undefined) continue;
    const written = write(key, value);
    const standard = defaultState[key];
    if (standard !== undefined && written === write(key, standard)) continue;
    (inQuery.includes(key) ? query : fragment).set(key, written);
  }
  return { query: readable(query), fragment: readable(fragment) };
}

/** The state that a link holds; what it does not say, or says wrongly, is as it is by default. */
export function stateOf(query: string, fragment: string): ViewState {
  const found: Record<string, unknown> = { ...defaultState };
  const inLink = {
    query: new URLSearchParams(query),
    fragment: new URLSearchParams(fragment.replace(/^#/, "")),
  };
  for (const key of Object.keys(parts) as (keyof ViewState)[]) {
    const written = (inQuery.includes(key) ? inLink.query : inLink.fragment).get(key);
    if (written === null) continue;
    const value = parts[key].read(written);
    if (value !== undefined) found[key] = value;
  }
  return found as unknown as ViewState;
}

function write<Key extends keyof ViewState>(key: Key, value: NonNullable<ViewState[Key]>): string {
  return (parts[key] as Part<NonNullable<ViewState[Key]>>).write(value);
}

/** Commas, colons and slashes need no escape where they stand, and links are read by people. */
function readable(parameters: URLSearchParams): string {
  return parameters.toString().replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/");
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function within(value: string | undefined, low: number, high: number): number | undefined {
  if (value === undefined || value.trim() === "") return undefined;
  const found = Number(value);
  return found >= low && found <= high ? found : undefined;
}
