import type { View } from "./camera.js";
import { type ColourMapName, colourMapNames } from "./colour-maps.js";
import type { OpacityPoint } from "./transfer-function.js";
import type { ScaleName, ValueRange } from "./value-scale.js";

export const modes = ["slice", "planes", "volume", "surface"] as const;
/** How a field is drawn: one flat slice, three planes in space, a cloud, or a surface of equal value. */
export type Mode = (typeof modes)[number];

const scales: readonly ScaleName[] = ["linear", "logarithmic", "symmetric"];

/** How a field is looked at: what links of the viewer and flags of the command line say of a picture. */
export interface PictureView {
  readonly mode: Mode;
  /** Axis that a slice stands across: 0 is z. */
  readonly axis: 0 | 1 | 2;
  /** The cursor, through which slices go: places z, y, x. Undefined: the middle. */
  readonly cursor?: readonly [number, number, number];
  /** Colour range; undefined: all values. */
  readonly range?: ValueRange;
  readonly scale: ScaleName;
  readonly map: ColourMapName;
  readonly reversed: boolean;
  /** The opacity curve; undefined: one that suits the values. */
  readonly opacity?: readonly OpacityPoint[];
  /** Place of the surface on the colour bar. */
  readonly surface: number;
  readonly shaded: boolean;
  readonly smooth: boolean;
  readonly camera: View;
}

export const defaultCamera: View = { turn: 35, tilt: 24, zoom: 1, shift: [0, 0] };

export const defaultPictureView: PictureView = {
  mode: "slice",
  axis: 0,
  scale: "linear",
  map: "viridis",
  reversed: false,
  surface: 0.5,
  shaded: true,
  smooth: false,
  camera: defaultCamera,
};

/** How a part of a view stands in text; `read` gives undefined for what makes no sense. */
export interface TextForm<Value> {
  write(value: Value): string;
  read(text: string): Value | undefined;
}

export const flagForm: TextForm<boolean> = {
  write: (value) => (value ? "1" : "0"),
  read: (value) => (value === "1" ? true : value === "0" ? false : undefined),
};

export const countForm: TextForm<number> = {
  write: String,
  read: (value) => (/^\d{1,9}$/.test(value) ? Number(value) : undefined),
};

export function oneOf<Name extends string>(names: readonly Name[]): TextForm<Name> {
  return { write: (value) => value, read: (value) => names.find((name) => name === value) };
}

export function listOf<Value>(
  part: TextForm<Value>,
  most: number,
  least = 0,
): TextForm<readonly Value[]> {
  return {
    write: (values) => values.map(part.write).join(","),
    read(value) {
      const found = value === "" ? [] : value.split(",").map(part.read);
      if (found.length > most || found.length < least) return undefined;
      return found.every((one) => one !== undefined) ? (found as Value[]) : undefined;
    },
  };
}

const shareForm: TextForm<number> = {
  write: short,
  read: (value) => within(value, 0, 1),
};

const numberForm: TextForm<number> = {
  write: short,
  read: (value) => within(value, -1e300, 1e300),
};

const pointForm: TextForm<OpacityPoint> = {
  write: ({ place, opacity }) => `${short(place)}:${short(opacity)}`,
  read(value) {
    const [place, opacity] = value.split(":").map((one) => within(one, 0, 1));
    return place === undefined || opacity === undefined ? undefined : { place, opacity };
  },
};

/** Every part of a view by its name. */
export const pictureForms: {
  readonly [Key in keyof PictureView]-?: TextForm<NonNullable<PictureView[Key]>>;
} = {
  mode: oneOf(modes),
  axis: {
    write: String,
    read: (value) => (["0", "1", "2"].includes(value) ? (Number(value) as 0) : undefined),
  },
  cursor: listOf(countForm, 3, 3) as TextForm<NonNullable<PictureView["cursor"]>>,
  range: {
    write: listOf(numberForm, 2, 2).write,
    read(value) {
      const found = listOf(numberForm, 2, 2).read(value);
      return found && found[0] < found[1] ? [found[0], found[1]] : undefined;
    },
  },
  scale: oneOf(scales),
  map: oneOf(colourMapNames),
  reversed: flagForm,
  opacity: {
    write: listOf(pointForm, 32).write,
    read(value) {
      const found = listOf(pointForm, 32, 1).read(value);
      return found && [...found].sort((one, other) => one.place - other.place);
    },
  },
  surface: shareForm,
  shaded: flagForm,
  smooth: flagForm,
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
};

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function within(value: string | undefined, low: number, high: number): number | undefined {
  if (value === undefined || value.trim() === "") return undefined;
  const found = Number(value);
  return found >= low && found <= high ? found : undefined;
}
