// node scripts/screenshots.mjs: the pictures of the viewer in docs/images, taken anew in Chromium. What they show is made here:
// a field of random waves as a turbulent flow has them, exactly kept and as a network of a hundredth of its size.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provideArchive } from "../bench/viewer/archives.mjs";
import { launch, openPage, settled } from "../bench/viewer/browser.mjs";
import { view } from "../bench/viewer/command.mjs";
import { root } from "./run.mjs";

const edge = 96;
const modes = 60;

/** File, window, and what is looked at. */
const shots = [
  ["viewer-volume", { width: 1440, height: 900 }, "mode=volume&map=thermal"],
  ["viewer-volume-dark", { width: 1440, height: 900 }, "mode=volume&map=thermal&theme=dark"],
  ["viewer-slices", { width: 1440, height: 900 }, "difference=signed"],
  ["viewer-phone", { width: 390, height: 844 }, "mode=surface&surface=0.7&theme=dark"],
];

const folder = await mkdtemp(join(tmpdir(), "fieldzip-screenshots-"));
const browser = await launch();
try {
  const [original, network] = ["run.zarr", "network.zarr"].map((name) => join(folder, name));
  const fields = [1, 2, 3].map((seed) => field(["rho", "vx1", "vx2"][seed - 1], seed));
  await provideArchive(original, fields, {});
  await provideArchive(network, fields, {
    predictor: "neural",
    guarantee: { kind: "best-effort", goal: { ratio: 100 } },
    seconds: 60,
  });
  const { url, stop } = await view(original, network);
  for (const [name, size, fragment] of shots) {
    const page = await openPage(browser, size);
    await page.goto(`${url}&ratio=1#variable=rho&${fragment}`);
    await settled(page);
    // Measures follow the picture.
    await page.locator(".variables tbody td").nth(1).filter({ hasText: /\d/ }).waitFor();
    await page.waitForTimeout(3000);
    await page.screenshot({ path: join(root, `docs/images/${name}.png`) });
    await page.context().close();
  }
  stop();
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

/** Waves of all directions, long ones strong: the same for the same seed. */
function field(name, seed) {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const values = new Float64Array(edge ** 3);
  for (let mode = 0; mode < modes; mode++) {
    const waves = [0, 1, 2].map(() => Math.round((random() - 0.5) * 12));
    const length = Math.hypot(...waves) || 1;
    const [strength, phase] = [length ** -1.6, random()];
    let i = 0;
    for (let z = 0; z < edge; z++) {
      for (let y = 0; y < edge; y++) {
        const before = phase + (waves[0] * z + waves[1] * y) / edge;
        for (let x = 0; x < edge; x++) {
          values[i++] += strength * Math.sin(2 * Math.PI * (before + (waves[2] * x) / edge));
        }
      }
    }
  }
  return {
    ...{ name, dataType: "float32", shape: [edge, edge, edge], dimensions: ["z", "y", "x"] },
    values: Float32Array.from(values, (value) => Math.exp(0.7 * value)),
  };
}
