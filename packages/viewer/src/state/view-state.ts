import { defaultPictureView, type PictureView } from "@fieldzip/core/render";

export const differences = ["absolute", "signed"] as const;
export type DifferenceKind = (typeof differences)[number];

export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

/** All that the page shows, and nothing that it fetches: what a link to it holds. */
export interface ViewState extends PictureView {
  /** Locations of the two datasets: URLs, relative to the page, or `file:name` for dropped ones. */
  readonly a?: string;
  readonly b?: string;
  /** Variable of a; of b, where it is another one. */
  readonly variable: string;
  readonly other: string;
  readonly step: number;
  /** Places along the axes that are neither space nor time. */
  readonly others: readonly number[];
  readonly difference: DifferenceKind;
  /** Whether the pane of the difference is shown. */
  readonly showDifference: boolean;
  readonly theme: Theme;
}

export const defaultState: ViewState = {
  ...defaultPictureView,
  variable: "",
  other: "",
  step: 0,
  others: [],
  difference: "absolute",
  showDifference: true,
  theme: "auto",
};
