/** Frames a second while a picture turns, and how coarse they are drawn for that: what a hand on the mouse gets. */
import { cpuSeconds, openPage, settled } from "./browser.mjs";
import { view } from "./command.mjs";

/** Seconds of turning, after the first second, in which the page finds out how fast it draws. */
const seconds = 5;
const size = { width: 1920, height: 1080 };

export async function turning(browser, archive) {
  const { url, stop } = await view(archive);
  const rows = [];
  try {
    for (const backend of ["WebGPU", "WebGL2"]) {
      for (const mode of ["planes", "volume", "surface"]) {
        rows.push(await turn(browser, `${url}${backend === "WebGL2" ? "&webgl" : ""}`, mode));
        console.log(rows.at(-1));
      }
    }
  } finally {
    stop();
  }
  return { size, seconds, rows };
}

async function turn(browser, url, mode) {
  const page = await openPage(browser, size);
  try {
    await page.addInitScript(countFrames);
    await page.goto(`${url}#mode=${mode}`);
    await settled(page);
    await page.evaluate(startTurning);
    await page.waitForTimeout(1000);
    const [before, cpuBefore] = [await page.evaluate(() => drawnFrames), await cpuSeconds(browser)];
    const started = performance.now();
    await page.waitForTimeout(seconds * 1000);
    const [after, cpuAfter] = [await page.evaluate(() => drawnFrames), await cpuSeconds(browser)];
    const took = (performance.now() - started) / 1e3;
    const turned = await pixelsOf(page);
    await page.evaluate(() => stopTurning());
    const released = performance.now();
    await settled(page);
    return {
      backend: await page.evaluate(() => document.documentElement.dataset.backend),
      mode,
      framesPerSecond: (after - before) / took,
      cpuMilliseconds: ((cpuAfter - cpuBefore) * 1e3) / (after - before),
      share: turned / (await fullPixels(page)),
      shareAtRest: (await pixelsOf(page)) / (await fullPixels(page)),
      secondsToRest: (performance.now() - released) / 1e3,
    };
  } finally {
    await page.context().close();
  }
}

/** Drags over the first pane, as far with every frame of the screen as a hand would. */
function startTurning() {
  const pane = document.querySelector(".pane").getBoundingClientRect();
  const [x, y] = [pane.x + pane.width / 2, pane.y + pane.height / 2];
  const target = document.elementFromPoint(x, y);
  const send = (type, clientX) =>
    target.dispatchEvent(
      new PointerEvent(type, {
        ...{ bubbles: true, clientX, clientY: y, pointerId: 1, isPrimary: true },
        ...{ button: 0, buttons: 1 },
      }),
    );
  let [turns, stopped] = [0, false];
  const turn = () => {
    if (stopped) return;
    send("pointermove", x + (Math.sin(turns++ / 15) * pane.width) / 3);
    requestAnimationFrame(turn);
  };
  send("pointerdown", x);
  turn();
  globalThis.stopTurning = () => {
    stopped = true;
    send("pointerup", x);
  };
}

/** Counts the frames that the page waits for, by what it asks of the GPU once for each. */
function countFrames() {
  globalThis.drawnFrames = 0;
  const watch = (prototype, method) => {
    const original = prototype?.[method];
    if (!original) return;
    prototype[method] = function (...args) {
      globalThis.drawnFrames++;
      return original.apply(this, args);
    };
  };
  watch(globalThis.GPUQueue?.prototype, "onSubmittedWorkDone");
  watch(globalThis.WebGL2RenderingContext?.prototype, "fenceSync");
}

/** Pixels of the canvas that the GPU draws. */
function pixelsOf(page) {
  return page.evaluate(() => {
    const { width, height } = document.querySelectorAll(".stage > canvas")[1];
    return width * height;
  });
}

function fullPixels(page) {
  return page.evaluate(() => {
    const { width, height } = document.querySelector(".stage > canvas");
    return width * height;
  });
}
