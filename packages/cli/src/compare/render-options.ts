import { FieldzipError } from "@fieldzip/core";
import {
  colourMapNames,
  defaultCamera,
  defaultPictureView,
  type PictureView,
  pictureForms,
} from "@fieldzip/core/render";
import type { OptionDescription, OptionValues } from "../commands/command.js";
import { textOf } from "../option-values.js";

const group = "How pictures are drawn (--render), by the names of the viewer's links";

/** How pictures are drawn where nothing is said: as the viewer draws volumes. */
export const defaultRenderView: PictureView = { ...defaultPictureView, mode: "volume" };

const { write: writeCamera } = pictureForms.camera;

/** Values and help of each part of a view. */
const flags: { readonly [Key in keyof PictureView]-?: readonly [value: string, help: string] } = {
  mode: ["name", `volume, surface or slice (default: ${defaultRenderView.mode})`],
  camera: [
    "turn,tilt,zoom,across,up",
    `angles in degrees, magnification, shift (default: ${writeCamera(defaultCamera)})`,
  ],
  map: ["name", `colour map: ${colourMapNames.join(", ")}`],
  reversed: ["0|1", "the colour map the other way round"],
  range: ["low,high", "colour range (default: all values of both)"],
  scale: ["name", "linear, logarithmic or symmetric"],
  opacity: [
    "place:opacity,...",
    "opacity along the colour bar, both from 0 to 1 (default: what suits the original)",
  ],
  shaded: ["0|1", "light on volumes and surfaces (default: 1)"],
  surface: ["place", "of a surface on the colour bar, 0 to 1 (default: 0.5)"],
  axis: ["0|1|2", "that a slice stands across: 0 is z"],
  cursor: ["z,y,x", "places that slices go through (default: the middle)"],
  smooth: ["0|1", "slices between values"],
};

export const renderOptions: readonly OptionDescription[] = [
  {
    flags: "--render",
    help: "draw both and measure the pictures, too: MSE, PSNR, SSIM",
    group,
  },
  { flags: "--view <link>", help: "everything below as a link of the viewer has it", group },
  ...(Object.keys(flags) as (keyof PictureView)[]).map((name) => ({
    flags: `--${name} <${flags[name][0]}>`,
    help: flags[name][1],
    group,
  })),
];

/** How pictures are to be drawn; undefined where none are asked for. Throws `usage` for what makes no sense. */
export function renderViewOf(options: OptionValues): PictureView | undefined {
  const names = Object.keys(flags) as (keyof PictureView)[];
  const link = textOf(options, "view");
  if (options.render !== true) {
    const given = ["view", ...names].find((name) => options[name] !== undefined);
    if (given === undefined) return undefined;
    throw wrong(given, "--render beside it", "none", "add --render");
  }
  const inLink = new URLSearchParams(link?.replace(/^[^#]*#/, "") ?? "");
  const found: Record<string, unknown> = { ...defaultRenderView };
  for (const name of names) {
    const text = textOf(options, name) ?? inLink.get(name) ?? undefined;
    if (text === undefined) continue;
    const value = pictureForms[name].read(text);
    if (value === undefined) {
      throw wrong(name, `${flags[name][0]}: ${flags[name][1]}`, text, "give it in this form");
    }
    found[name] = value;
  }
  if (found.mode === "planes") {
    const remedy = "draw three slices, or look at it with fieldzip view";
    throw wrong("mode", "volume, surface or slice", "planes", remedy);
  }
  return found as unknown as PictureView;
}

/** A view in words: what is not as it is by default. */
export function viewText(view: PictureView): string {
  const write = <Key extends keyof PictureView>(name: Key) => {
    const form = pictureForms[name] as { write(value: PictureView[Key]): string };
    return view[name] === undefined ? undefined : form.write(view[name]);
  };
  const names: (keyof PictureView)[] =
    view.mode === "slice"
      ? ["mode", "axis", "cursor", "map", "reversed", "range", "scale", "smooth", "camera"]
      : ["mode", "camera", "map", "reversed", "range", "scale", "opacity", "surface", "shaded"];
  return names
    .filter((name) => name !== "surface" || view.mode === "surface")
    .filter((name) => name !== "opacity" || view.mode === "volume")
    .flatMap((name) => {
      const text = write(name);
      return text === undefined || text === "" ? [] : [`${name}=${text}`];
    })
    .join(" ");
}

function wrong(flag: string, expected: string, found: string, remedy: string): FieldzipError {
  return new FieldzipError("usage", { where: `--${flag}`, expected, found, remedy });
}
