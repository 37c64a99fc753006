import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

/** Pixels for every unit of the SVG: sharp in print at its natural size. */
const PIXELS = 2;

const family = "DejaVu Sans";
const { resolve } = createRequire(import.meta.url);
let started: Promise<readonly Uint8Array[]> | undefined;

/** The picture as PNG, with the same letters on every machine: no fonts of the system are asked for. */
export async function rasterise(svg: string): Promise<Uint8Array> {
  started ??= start();
  const fontBuffers = [...(await started)];
  const renderer = new Resvg(svg, {
    fitTo: { mode: "zoom", value: PIXELS },
    // Cells of a field stay cells.
    imageRendering: 1,
    font: { fontBuffers, defaultFontFamily: family, sansSerifFamily: family },
  });
  try {
    return renderer.render().asPng();
  } finally {
    renderer.free();
  }
}

async function start(): Promise<readonly Uint8Array[]> {
  await initWasm(readFile(resolve("@resvg/resvg-wasm/index_bg.wasm")));
  const faces = ["400-normal", "700-normal"];
  return Promise.all(
    faces.map((face) =>
      readFile(resolve(`@fontsource/dejavu-sans/files/dejavu-sans-latin-${face}.woff2`)),
    ),
  );
}
