import { TABLE_SIZE } from "@fieldzip/core/render";
import {
  ClampToEdgeWrapping,
  DataTexture,
  DataUtils,
  HalfFloatType,
  LinearFilter,
  RGBAFormat,
} from "three/webgpu";

/** Colours and opacities of the colour bar's places, where a shader looks them up. */
export class TableTexture {
  readonly texture: DataTexture;
  private readonly data = new Uint16Array(4 * TABLE_SIZE);

  constructor() {
    this.texture = new DataTexture(this.data, TABLE_SIZE, 1, RGBAFormat, HalfFloatType);
    this.texture.minFilter = LinearFilter;
    this.texture.magFilter = LinearFilter;
    this.texture.wrapS = ClampToEdgeWrapping;
    this.texture.needsUpdate = true;
  }

  /** Takes colours 0 to 255 and opacities 0 to 1 (finer than a byte: a step of a ray is thin). */
  set(table: Uint8Array, opacities: ArrayLike<number>): void {
    for (let k = 0; k < TABLE_SIZE; k++) {
      for (let part = 0; part < 3; part++) {
        this.data[4 * k + part] = DataUtils.toHalfFloat(table[4 * k + part] / 255);
      }
      this.data[4 * k + 3] = DataUtils.toHalfFloat(opacities[k]);
    }
    this.texture.needsUpdate = true;
  }

  dispose(): void {
    this.texture.dispose();
  }
}
