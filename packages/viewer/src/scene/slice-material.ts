import { type FieldValues, linearPart, type ValueScale } from "@fieldzip/core/render";
import {
  abs,
  clamp,
  Fn,
  float,
  floor,
  If,
  int,
  ivec2,
  log,
  mix,
  positionGeometry,
  select,
  sign,
  sqrt,
  texture,
  textureLoad,
  uniform,
  uv,
  vec2,
  vec4,
} from "three/tsl";
import {
  DataTexture,
  DoubleSide,
  FloatType,
  NearestFilter,
  type Node,
  NodeMaterial,
  RedFormat,
  Vector2,
  Vector3,
  Vector4,
} from "three/webgpu";
import type { TableTexture } from "./table-texture.js";

/** Stands for NaN and infinities: shaders may take NaN for anything. */
const absentValue = 3e38;
const scaleNumbers = { linear: 0, logarithmic: 1, symmetric: 2 } as const;

/**
 * Draws values of a plane in the colours of the bar: every value a cell, or interpolated between their middles. Values stay
 * single precision floats, so that any range of them can be looked at.
 */
export class SliceMaterial {
  readonly material: NodeMaterial;
  private plane: DataTexture;
  private readonly planeNode;
  private readonly size = uniform(new Vector2(1, 1));
  /** Share of the plane at the picture's lower left, and how much of it the picture spans. */
  private readonly window = uniform(new Vector4(0, 0, 1, 1));
  private readonly scale = uniform(new Vector4(0, 0, 1, 1));
  private readonly absent = uniform(new Vector3(0.5, 0.5, 0.5));
  private readonly smooth = uniform(0);
  private offset = 0;

  /** `isFlat`: fills the pane; else it is a plane in space with texture coordinates of its own. */
  constructor(table: TableTexture, isFlat: boolean) {
    this.plane = planeTexture(new Float32Array([absentValue]), 1, 1);
    this.planeNode = textureLoad(this.plane, ivec2(0, 0));
    this.material = new NodeMaterial();
    this.material.side = DoubleSide;
    if (isFlat) {
      this.material.vertexNode = vec4(positionGeometry.xy, 0, 1);
      this.material.depthTest = false;
    }
    this.material.fragmentNode = this.colours(table);
  }

  /** Rows run upwards. */
  setPlane(values: FieldValues, rows: number, columns: number, scale: ValueScale): void {
    // Large values that differ little keep their differences in single precision this way.
    this.offset = scale.name === "linear" ? scale.range[0] : 0;
    const data = Float32Array.from(values, (value) =>
      Number.isFinite(value) ? value - this.offset : absentValue,
    );
    const { image } = this.plane;
    if (image.width === columns && image.height === rows) {
      (image.data as Float32Array).set(data);
      this.plane.needsUpdate = true;
    } else {
      this.plane.dispose();
      this.plane = planeTexture(data, rows, columns);
      this.planeNode.value = this.plane;
    }
    this.size.value.set(columns, rows);
    const [low, high] = scale.range;
    const part = linearPart(scale.range);
    const forward = (value: number) =>
      scale.name === "linear"
        ? value - this.offset
        : scale.name === "logarithmic"
          ? Math.log(value)
          : Math.asinh(value / part);
    const from = forward(low);
    this.scale.value.set(scaleNumbers[scale.name], from, 1 / (forward(high) - from), part);
  }

  setWindow(across: readonly [number, number], up: readonly [number, number]): void {
    this.window.value.set(across[0], up[0], across[1] - across[0], up[1] - up[0]);
  }

  setLook(absent: readonly [number, number, number], isSmooth: boolean): void {
    this.absent.value.set(...absent);
    this.smooth.value = isSmooth ? 1 : 0;
  }

  dispose(): void {
    this.plane.dispose();
    this.material.dispose();
  }

  private colours(table: TableTexture): Node<"vec4"> {
    const { size, window, scale, absent, smooth } = this;
    const fetch = (at: Node<"vec2">) => {
      const inside = clamp(at, vec2(0, 0), size.sub(1));
      return this.planeNode.sample(ivec2(inside)).r;
    };
    const build = Fn(() => {
      const share = window.xy.add(uv().mul(window.zw)).toVar();
      const outside = share.x
        .lessThan(0)
        .or(share.y.lessThan(0))
        .or(share.x.greaterThan(1))
        .or(share.y.greaterThan(1));
      const place = share.mul(size).toVar();
      const value = fetch(floor(place)).toVar();
      If(smooth.greaterThan(0.5), () => {
        const low = floor(place.sub(0.5)).toVar();
        const part = place.sub(0.5).sub(low);
        const [a, b, c, d] = [
          fetch(low).toVar(),
          fetch(low.add(vec2(1, 0))).toVar(),
          fetch(low.add(vec2(0, 1))).toVar(),
          fetch(low.add(vec2(1, 1))).toVar(),
        ];
        const isWhole = a.add(b).add(c).add(d).lessThan(1e38);
        If(isWhole, () => {
          value.assign(mix(mix(a, b, part.x), mix(c, d, part.x), part.y));
        });
      });
      const x = value.div(scale.w).toVar();
      const symmetric = sign(x).mul(log(abs(x).add(sqrt(x.mul(x).add(1)))));
      const logarithm = select(value.greaterThan(0), log(value.max(1e-38)), float(-1e30));
      const on = select(
        scale.x.lessThan(0.5),
        value,
        select(scale.x.lessThan(1.5), logarithm, symmetric),
      );
      const t = clamp(on.sub(scale.y).mul(scale.z), 0, 1);
      // From the middle of the first entry to that of the last.
      const colour = texture(table.texture, vec2(t.mul(255 / 256).add(0.5 / 256), 0.5)).level(
        int(0),
      ).rgb;
      const seen = select(value.greaterThan(1e38), absent, colour);
      return select(outside, vec4(0), vec4(seen, 1));
    });
    return build();
  }
}

function planeTexture(data: Float32Array, rows: number, columns: number): DataTexture {
  const made = new DataTexture(data, columns, rows, RedFormat, FloatType);
  made.minFilter = NearestFilter;
  made.magFilter = NearestFilter;
  made.unpackAlignment = 4;
  made.needsUpdate = true;
  return made;
}
