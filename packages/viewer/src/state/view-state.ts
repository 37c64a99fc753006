import type { ColourMapName, OpacityPoint, ScaleName, ValueRange } from "@fieldzip/core/render";

export const modes = ["slice", "planes", "volume", "surface"] as const;
/** How a field is drawn: one flat slice, three planes in space, a cloud, or a surface of equal value. */
export type Mode = (typeof modes)[number];

export const differences = ["absolute", "signed"] as const;
export type DifferenceKind = (typeof differences)[number];

export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

/** Where the eye is: angles in degrees, a zoom, and the shift of the picture in shares of its height. */
export interface CameraState {
  readonly turn: number;
  readonly tilt: number;
  readonly zoom: number;
  readonly shift: readonly [across: number, up: number];
}

/** All that the page shows, and nothing that it fetches: what a link to it holds. */
export interface ViewState {
  /** Locations of the two datasets: URLs, relative to the page, or `file:name` for dropped ones. */
  readonly a?: string;
  readonly b?: string;
  /** Variable of a; of b, where it is another one. */
  readonly variable: string;
  readonly other: string;
  readonly step: number;
  /** Places along the axes that are neither space nor time. */
  readonly others: readonly number[];
  /** The cursor: places z, y, x. Undefined: the middle. */
  readonly cursor?: readonly [number, number, number];
  readonly mode: Mode;
  /** Axis that a slice stands across: 0 is z. */
  readonly axis: 0 | 1 | 2;
  readonly difference: DifferenceKind;
  /** Whether the pane of the difference is shown. */
  readonly showDifference: boolean;
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
  readonly camera: CameraState;
  readonly theme: Theme;
}

export const defaultCamera: CameraState = { turn: 35, tilt: 24, zoom: 1, shift: [0, 0] };

export const defaultState: ViewState = {
  variable: "",
  other: "",
  step: 0,
  others: [],
  mode: "slice",
  axis: 0,
  difference: "absolute",
  showDifference: true,
  scale: "linear",
  map: "viridis",
  reversed: false,
  surface: 0.5,
  shaded: true,
  smooth: false,
  camera: defaultCamera,
  theme: "auto",
};
