import type { WorkerPool } from "@fieldzip/core";
import {
  ColorManagement,
  LinearSRGBColorSpace,
  NoToneMapping,
  RenderTarget,
  WebGPURenderer,
} from "three/webgpu";
import type { Rectangle } from "../figure/layout.js";
import { Pane } from "./pane.js";

/** Draws all panes on one canvas, with WebGPU where there is one and WebGL2 else. The only files that know three.js are here. */
export class Stage {
  readonly canvas: HTMLCanvasElement;
  readonly panes: Pane[] = [];

  /** Called when something can be drawn that could not before. */
  onReady: () => void = () => {};

  private constructor(
    private readonly renderer: WebGPURenderer,
    private readonly pool: WorkerPool,
    private readonly brickEdge?: number,
  ) {
    this.canvas = renderer.domElement;
  }

  static async open(
    pool: WorkerPool,
    options: { readonly forceWebGL?: boolean; readonly brickEdge?: number } = {},
  ): Promise<Stage> {
    const { forceWebGL, brickEdge } = options;
    // Colours of the bar reach the screen as they are.
    ColorManagement.enabled = false;
    const renderer = new WebGPURenderer({ antialias: false, alpha: true, forceWebGL });
    renderer.outputColorSpace = LinearSRGBColorSpace;
    renderer.toneMapping = NoToneMapping;
    renderer.autoClear = false;
    renderer.setClearColor(0x000000, 0);
    await renderer.init();
    return new Stage(renderer, pool, brickEdge);
  }

  get backend(): "WebGPU" | "WebGL2" {
    return Reflect.get(this.renderer.backend, "isWebGPUBackend") === true ? "WebGPU" : "WebGL2";
  }

  /** Makes as many panes as are asked for. */
  setPanes(count: number): void {
    while (this.panes.length < count)
      this.panes.push(new Pane(this.pool, () => this.onReady(), this.brickEdge));
    for (const pane of this.panes.splice(count)) pane.dispose();
  }

  /** `ratio`: pixels drawn for a CSS pixel; fewer than the screen has where drawing is slow. */
  resize(width: number, height: number, ratio: number): void {
    if (this.renderer.getPixelRatio() !== ratio) this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height, false);
  }

  draw(places: readonly Rectangle[]): void {
    const { renderer } = this;
    renderer.setScissorTest(false);
    renderer.clear();
    renderer.setScissorTest(true);
    this.panes.forEach((pane, k) => {
      const place = places[k];
      if (!place) return;
      const { left, top, width, height } = place;
      renderer.setViewport(left, top, width, height);
      renderer.setScissor(left, top, width, height);
      renderer.render(pane.scene, pane.camera);
    });
  }

  /** Pictures of some panes, of this size, as RGBA bytes over an opaque ground; `width` is a multiple of 64. */
  async capture(
    indices: readonly number[],
    width: number,
    height: number,
    ground: readonly [number, number, number],
  ): Promise<Uint8Array[]> {
    const { renderer } = this;
    renderer.setScissorTest(false);
    // All at once: nothing changes between them.
    const targets = indices.map((index) => {
      const { scene, camera } = this.panes[index];
      const target = new RenderTarget(width, height);
      renderer.setRenderTarget(target);
      renderer.clear();
      renderer.render(scene, camera);
      return target;
    });
    renderer.setRenderTarget(null);
    try {
      return await Promise.all(
        targets.map(async (target) => {
          const read = await renderer.readRenderTargetPixelsAsync(target, 0, 0, width, height);
          return overGround(read as ArrayLike<number>, ground, 4 * width * height);
        }),
      );
    } finally {
      for (const target of targets) target.dispose();
    }
  }

  /** Resolves when all that was drawn is done. */
  async done(): Promise<void> {
    const { backend } = this.renderer;
    const device: unknown = Reflect.get(backend, "device");
    if ("GPUDevice" in globalThis && device instanceof GPUDevice)
      return device.queue.onSubmittedWorkDone();
    const gl: unknown = Reflect.get(backend, "gl");
    if (!(gl instanceof WebGL2RenderingContext)) return;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    if (!fence) return;
    // WebGL tells only when it is asked.
    while (gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) {
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    gl.deleteSync(fence);
  }

  dispose(): void {
    this.setPanes(0);
    this.renderer.dispose();
  }
}

/** Colours that are multiplied by their opacity over an opaque one. */
function overGround(
  colours: ArrayLike<number>,
  ground: readonly [number, number, number],
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let k = 0; k < length; k += 4) {
    const behind = 255 - colours[k + 3];
    for (let channel = 0; channel < 3; channel++) {
      bytes[k + channel] = Math.round(colours[k + channel] + ground[channel] * behind);
    }
    bytes[k + 3] = 255;
  }
  return bytes;
}
