import { light, OPAQUE } from "@fieldzip/core/render";
import {
  abs,
  Break,
  cameraPosition,
  ceil,
  clamp,
  dot,
  Fn,
  float,
  floor,
  If,
  int,
  Loop,
  length,
  max,
  min,
  mix,
  normalize,
  positionWorld,
  pow,
  select,
  step as stepAt,
  texture,
  texture3D,
  uniform,
  vec2,
  vec3,
  vec4,
} from "three/tsl";
import {
  BackSide,
  CustomBlending,
  type Node,
  NodeMaterial,
  OneFactor,
  OneMinusSrcAlphaFactor,
  Vector3,
} from "three/webgpu";
import type { Brick } from "./bricks.js";
import type { TableTexture } from "./table-texture.js";

type Float = Node<"float">;
type Vec3 = Node<"vec3">;

export type RayKind = "volume" | "surface";

/** What all bricks of a pane share: set once, read by all of their shaders. */
export class RayUniforms {
  readonly edges = uniform(new Vector3(1, 1, 1));
  /** Values along x, y, z of the field. */
  readonly counts = uniform(new Vector3(1, 1, 1));
  readonly step = uniform(0.01);
  /** The shortest edge of a value's cell. */
  readonly cell = uniform(0.01);
  readonly steps = uniform(100, "int");
  readonly towardsLight = uniform(new Vector3(0, 0, 1));
  readonly shaded = uniform(1);
  /** Place of the surface on the colour bar. */
  readonly surface = uniform(0.5);
}

/** Marches rays through one brick. Samples lie at whole steps from the eye, so that bricks meet without a seam. */
export class RayMaterial {
  readonly material = new NodeMaterial();
  private readonly volume;
  private readonly map;
  private readonly tint;
  private readonly colourOf;
  private readonly origin = uniform(new Vector3());
  private readonly size = uniform(new Vector3(1, 1, 1));
  private readonly cells = uniform(new Vector3(1, 1, 1));
  private readonly low = uniform(new Vector3());
  private readonly high = uniform(new Vector3(1, 1, 1));

  constructor(
    brick: Brick,
    private readonly shared: RayUniforms,
    table: TableTexture,
    kind: RayKind,
    /** Colours a surface by another field of the same shape. */
    tint?: Brick,
  ) {
    this.volume = texture3D(brick.texture, vec3(0), int(0));
    this.map = texture3D(brick.map, vec3(0), int(0));
    this.tint = tint && texture3D(tint.texture, vec3(0), int(0));
    this.colourOf = (place: Float) =>
      texture(table.texture, vec2(place.mul(255 / 256).add(0.5 / 256), 0.5)).level(int(0));
    this.setBrick(brick, tint);
    const { material } = this;
    // From behind, so that the eye may stand in the box.
    material.side = BackSide;
    material.transparent = true;
    material.depthTest = false;
    material.depthWrite = false;
    material.blending = CustomBlending;
    material.blendSrc = OneFactor;
    material.blendDst = OneMinusSrcAlphaFactor;
    material.fragmentNode = kind === "volume" ? this.emission() : this.surface();
  }

  /** Takes another brick of the same kind. */
  setBrick(brick: Brick, tint?: Brick): void {
    this.volume.value = brick.texture;
    this.map.value = brick.map;
    if (this.tint && tint) this.tint.value = tint.texture;
    const set = (target: { value: Vector3 }, [z, y, x]: readonly [number, number, number]) =>
      target.value.set(x, y, z);
    set(this.origin, brick.origin);
    set(this.size, brick.size);
    set(this.cells, brick.prepared.cells);
    set(this.low, brick.low);
    set(this.high, brick.high);
  }

  dispose(): void {
    this.material.dispose();
  }

  /** The place on the colour bar at a point of the box; below 0 where there is no value. */
  private sample(point: Vec3): Float {
    const { shared, origin, size } = this;
    return this.volume.sample(point.mul(shared.counts).sub(origin).div(size)).r;
  }

  private gradient(point: Vec3): Vec3 {
    const { counts, edges, cell } = this.shared;
    const along = (direction: Vec3) => {
      const by = direction.div(counts);
      const [a, b] = [this.sample(point.sub(by)), this.sample(point.add(by))];
      // A missing neighbour gives no slope.
      return select(min(a, b).lessThan(0), float(0), b.sub(a).mul(0.5));
    };
    const changes = vec3(along(vec3(1, 0, 0)), along(vec3(0, 1, 0)), along(vec3(0, 0, 1)));
    return changes.mul(counts).div(edges).mul(cell);
  }

  /** Shade and gloss, as `shade` of the core has them. */
  private shade(point: Vec3, ray: Vec3): Node<"vec2"> {
    const gradient = this.gradient(point).toVar();
    const size = length(gradient).toVar();
    const normal = gradient.div(max(size, 1e-6));
    const strength = select(size.greaterThan(1e-6), min(1, size.div(light.edge)), float(0));
    const { towardsLight, shaded } = this.shared;
    const diffuse = abs(dot(normal, towardsLight));
    const gloss = abs(dot(normal, normalize(towardsLight.sub(ray))));
    const lit = float(light.ambient).add(diffuse.mul(light.diffuse));
    const on = strength.mul(shaded);
    return vec2(
      mix(float(1), lit, on),
      pow(gloss, float(light.shininess)).mul(light.specular).mul(on),
    );
  }

  /** Where the ray starts, its direction and its first and last whole step in the brick; all in shares of the box. */
  private ray() {
    const { edges, step } = this.shared;
    const ray = normalize(positionWorld.sub(cameraPosition)).toVar();
    const eye = cameraPosition.div(edges).add(0.5).toVar();
    const along = ray.div(edges).toVar();
    // Parallel to a side: a very long way to it.
    const safe = along.add(vec3(1e-9)).toVar();
    const [a, b] = [this.low.sub(eye).div(safe), this.high.sub(eye).div(safe)];
    const [first, last] = [min(a, b).toVar(), max(a, b).toVar()];
    const near = max(max(first.x, first.y), max(first.z, 0));
    const far = min(last.x, min(last.y, last.z)).toVar();
    return { ray, eye, along, safe, far, at: ceil(near.div(step)).mul(step).toVar() };
  }

  /** Whether something shows in this cell of the map; where nothing does, goes on to the cell's end. */
  private showsAt(
    point: Vec3,
    at: Float & { assign(value: Float): unknown },
    eye: Vec3,
    safe: Vec3,
  ) {
    const { counts, step } = this.shared;
    const cellEdge = 8;
    const inCells = point.mul(counts).sub(this.origin).div(cellEdge).toVar();
    const place = clamp(floor(inCells), vec3(0), this.cells.sub(1)).toVar();
    const shows = this.map.sample(place.add(0.5).div(this.cells)).r.greaterThan(0.5).toVar();
    If(shows.not(), () => {
      const ahead = place.add(stepAt(vec3(0), safe));
      const borders = ahead.mul(cellEdge).add(this.origin).div(counts).sub(eye).div(safe).toVar();
      const border = min(borders.x, min(borders.y, borders.z));
      at.assign(max(ceil(border.div(step)).mul(step), at.add(step)));
    });
    return shows;
  }

  private emission(): Node<"vec4"> {
    const { shared } = this;
    return Fn(() => {
      const { ray, eye, along, safe, far, at } = this.ray();
      const seen = vec4(0).toVar();
      Loop({ start: int(0), end: shared.steps, type: "int" }, () => {
        If(at.greaterThan(far), () => {
          Break();
        });
        const point = eye.add(along.mul(at)).toVar();
        If(this.showsAt(point, at, eye, safe), () => {
          const place = this.sample(point).toVar();
          const colour = this.colourOf(clamp(place, 0, 1)).toVar();
          If(place.greaterThan(-1e-3).and(colour.a.greaterThan(0)), () => {
            const lit = vec2(1, 0).toVar();
            If(shared.shaded.greaterThan(0.5), () => {
              lit.assign(this.shade(point, ray));
            });
            const part = colour.a.mul(seen.a.oneMinus());
            const shown = min(colour.rgb.mul(lit.x).add(lit.y), vec3(1));
            seen.addAssign(vec4(shown.mul(part), part));
          });
          at.addAssign(shared.step);
        });
        If(seen.a.greaterThan(OPAQUE), () => {
          Break();
        });
      });
      return seen;
    })();
  }

  private surface(): Node<"vec4"> {
    const { shared, tint } = this;
    // -1 on the one side of the surface, 1 on the other, 0 where there is no value.
    const sideOf = (place: Float) =>
      select(
        place.lessThan(-1e-3),
        float(0),
        select(place.lessThan(shared.surface), float(-1), float(1)),
      );
    return Fn(() => {
      const { ray, eye, along, safe, far, at } = this.ray();
      const seen = vec4(0).toVar();
      // What lay a step before.
      const before = float(0).toVar();
      const last = at.toVar();
      Loop({ start: int(0), end: shared.steps, type: "int" }, () => {
        If(at.greaterThan(far), () => {
          Break();
        });
        const point = eye.add(along.mul(at)).toVar();
        If(this.showsAt(point, at, eye, safe), () => {
          const place = this.sample(point).toVar();
          const side = sideOf(place).toVar();
          If(side.mul(before).lessThan(0), () => {
            // The surface lies between the last two samples: halved until it is found.
            const [low, high] = [last.toVar(), at.toVar()];
            Loop({ start: int(0), end: int(6), type: "int" }, () => {
              const middle = low.add(high).mul(0.5).toVar();
              const there = this.sample(eye.add(along.mul(middle)));
              const isBefore = there.sub(shared.surface).mul(before).greaterThan(0);
              low.assign(select(isBefore, middle, low));
              high.assign(select(isBefore, high, middle));
            });
            const found = eye.add(along.mul(low.add(high).mul(0.5))).toVar();
            const lit = this.shade(found, ray).toVar();
            const shown = tint
              ? clamp(tint.sample(found.mul(shared.counts).sub(this.origin).div(this.size)).r, 0, 1)
              : shared.surface;
            const colour = this.colourOf(shown).rgb;
            seen.assign(vec4(min(colour.mul(lit.x).add(lit.y), vec3(1)), 1));
            Break();
          });
          before.assign(side);
          last.assign(at);
          at.addAssign(shared.step);
        }).Else(() => {
          // The surface may lie between the last step that was skipped and the next one.
          last.assign(at.sub(shared.step));
          before.assign(sideOf(this.sample(eye.add(along.mul(last)))));
        });
      });
      return seen;
    })();
  }
}
