import type { WorkerPool } from "@fieldzip/core";
import {
  type Camera,
  cellEdge,
  type Field,
  lightDirection,
  opacityAt,
  STEP_IN_CELLS,
  stepOpacity,
  TABLE_SIZE,
  type TransferFunction,
  transferTable,
  type ValueScale,
  type Vector,
} from "@fieldzip/core/render";
import { BoxGeometry, Group, Mesh } from "three/webgpu";
import { type Brick, BrickLoader } from "./bricks.js";
import { type RayKind, RayMaterial, RayUniforms } from "./ray-material.js";
import { TableTexture } from "./table-texture.js";

/** What a volume or a surface looks like. */
export interface VolumeLook {
  readonly kind: RayKind;
  readonly scale: ValueScale;
  readonly transfer: TransferFunction;
  readonly shaded: boolean;
  /** Place of the surface on the colour bar. */
  readonly surface: number;
  readonly edges: Vector;
  readonly camera: Camera;
  /** Longer steps, for frames that must come soon: 1 is the finest. */
  readonly coarseness: number;
}

/** A second field that colours the surface of the first one. */
export interface Tint {
  readonly field: Field;
  readonly scale: ValueScale;
}

/** A field as a cloud or a surface, brick by brick. */
export class Volume {
  readonly group = new Group();
  private readonly shared = new RayUniforms();
  private readonly table = new TableTexture();
  private readonly geometry = new BoxGeometry(1, 1, 1);
  private readonly loader: BrickLoader;
  private readonly tintLoader: BrickLoader;
  private meshes: { mesh: Mesh; material: RayMaterial; kind: string }[] = [];
  private shownBricks: readonly Brick[] = [];
  private shownTint: readonly Brick[] = [];
  private marked = "";

  constructor(pool: WorkerPool, onReady: () => void, brickEdge?: number) {
    this.loader = new BrickLoader(pool, onReady, brickEdge);
    this.tintLoader = new BrickLoader(pool, onReady, brickEdge);
  }

  /** Whether what was asked for is what is shown. */
  get isReady(): boolean {
    return this.loader.isReady && (this.shownTint.length === 0 || this.tintLoader.isReady);
  }

  show(field: Field, look: VolumeLook, tint?: Tint): void {
    this.loader.want(field, look.scale);
    if (tint) this.tintLoader.want(tint.field, tint.scale);
    const bricks = this.loader.bricks;
    const tints = tint ? this.tintLoader.bricks : [];
    this.setUniforms(look);
    // A surface waits for what colours it.
    const isComplete = bricks.length > 0 && (!tint || tints.length === bricks.length);
    this.group.visible = isComplete;
    if (!isComplete) return;
    if (bricks !== this.shownBricks || tints !== this.shownTint)
      this.setBricks(bricks, tints, look);
    else if (this.meshes[0]?.kind !== kindOf(look, tints)) this.setBricks(bricks, tints, look);
    this.mark(look);
    this.order(look);
  }

  dispose(): void {
    this.loader.dispose();
    this.tintLoader.dispose();
    for (const { material } of this.meshes) material.dispose();
    this.geometry.dispose();
    this.table.dispose();
  }

  private setUniforms({ edges, camera, coarseness, shaded, surface, transfer }: VolumeLook): void {
    const { shared } = this;
    const field = this.loader.field;
    const shape = field?.shape ?? [1, 1, 1];
    const cell = cellEdge({ shape, edges });
    const step = STEP_IN_CELLS * cell * coarseness;
    shared.edges.value.set(...edges);
    shared.counts.value.set(shape[2], shape[1], shape[0]);
    shared.cell.value = cell;
    shared.step.value = step;
    shared.steps.value = Math.ceil(Math.hypot(...edges) / step) + 2;
    shared.towardsLight.value.set(...lightDirection(camera));
    shared.shaded.value = shaded ? 1 : 0;
    shared.surface.value = surface;
    const opacities = Float64Array.from({ length: TABLE_SIZE }, (_, k) =>
      stepOpacity(opacityAt(transfer.opacity, k / (TABLE_SIZE - 1)), step),
    );
    this.table.set(transferTable(transfer), opacities);
  }

  private setBricks(bricks: readonly Brick[], tints: readonly Brick[], look: VolumeLook): void {
    const kind = kindOf(look, tints);
    const isSame = this.meshes.length === bricks.length && this.meshes[0]?.kind === kind;
    if (!isSame) {
      for (const { mesh, material } of this.meshes) {
        this.group.remove(mesh);
        material.dispose();
      }
      this.meshes = bricks.map((brick, k) => {
        const material = new RayMaterial(brick, this.shared, this.table, look.kind, tints[k]);
        const mesh = new Mesh(this.geometry, material.material);
        this.group.add(mesh);
        return { mesh, material, kind };
      });
    }
    bricks.forEach((brick, k) => {
      const { mesh, material } = this.meshes[k];
      if (isSame) material.setBrick(brick, tints[k]);
      for (const [axis, place] of [2, 1, 0].entries()) {
        const [low, high] = [brick.low[place], brick.high[place]];
        mesh.scale.setComponent(axis, (high - low) * look.edges[axis]);
        mesh.position.setComponent(axis, ((low + high) / 2 - 0.5) * look.edges[axis]);
      }
    });
    this.shownBricks = bricks;
    this.shownTint = tints;
    this.marked = "";
  }

  /** Where the transfer function, or the surface, lets something be seen. */
  private mark({ kind, transfer, surface }: VolumeLook): void {
    const key = kind === "surface" ? `${surface}` : JSON.stringify(transfer.opacity);
    if (this.marked === kind + key) return;
    this.marked = kind + key;
    if (kind === "volume") {
      this.loader.mark((place) => opacityAt(transfer.opacity, place) > 0);
    } else this.loader.markAround(surface);
  }

  /** Bricks are drawn from the back to the front: each is seen through those before it. */
  private order({ camera }: VolumeLook): void {
    const distance = ({ mesh }: { mesh: Mesh }) => {
      const { x, y, z } = mesh.position;
      return Math.hypot(x - camera.eye[0], y - camera.eye[1], z - camera.eye[2]);
    };
    [...this.meshes]
      .sort((one, other) => distance(other) - distance(one))
      .forEach(({ mesh }, k) => {
        mesh.renderOrder = k;
      });
  }
}

function kindOf({ kind }: VolumeLook, tints: readonly Brick[]): string {
  return tints.length > 0 ? `tinted ${kind}` : kind;
}
