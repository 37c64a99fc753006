import type { WorkerPool } from "@fieldzip/core";
import {
  type Camera,
  type Field,
  planeOf,
  type SliceWindow,
  type TransferFunction,
  transferTable,
  type ValueScale,
  type Vector,
} from "@fieldzip/core/render";
import { Mesh, PerspectiveCamera, PlaneGeometry, Scene } from "three/webgpu";
import { Planes } from "./planes.js";
import { SliceMaterial } from "./slice-material.js";
import { TableTexture } from "./table-texture.js";
import { type Tint, Volume } from "./volume.js";

/** What all modes of a pane share. */
export interface PaneLook {
  readonly scale: ValueScale;
  readonly transfer: TransferFunction;
  /** Colour of what has no value. */
  readonly absent: readonly [number, number, number];
  readonly smooth: boolean;
  readonly shaded: boolean;
  readonly surface: number;
}

/** Where the box of a field lies, and who looks at it. */
export interface PaneSpace {
  readonly edges: Vector;
  readonly camera: Camera;
  readonly coarseness: number;
}

/** One picture: a field in one of the modes. */
export class Pane {
  readonly scene = new Scene();
  readonly camera = new PerspectiveCamera();
  private readonly table = new TableTexture();
  private readonly flat = new SliceMaterial(this.table, true);
  private readonly flatMesh = new Mesh(new PlaneGeometry(2, 2), this.flat.material);
  private planes?: Planes;
  private volume?: Volume;
  private isVolume = false;

  constructor(
    private readonly pool: WorkerPool,
    private readonly onReady: () => void,
    private readonly brickEdge?: number,
  ) {
    this.flatMesh.frustumCulled = false;
    this.flatMesh.visible = false;
    this.scene.add(this.flatMesh);
  }

  /** Whether all that was asked for is shown. */
  get isReady(): boolean {
    return !this.isVolume || (this.volume?.isReady ?? false);
  }

  /** Whether there is anything to see. */
  get isSeen(): boolean {
    return [this.flatMesh, this.planes?.group, this.volume?.group].some((one) => one?.visible);
  }

  showSlice(
    field: Field,
    axis: 0 | 1 | 2,
    place: number,
    window: SliceWindow,
    look: PaneLook,
  ): void {
    this.hide();
    this.flatMesh.visible = true;
    this.setOpaque(look);
    const { values, rows, columns } = planeOf(field, axis, place);
    this.flat.setPlane(values, rows, columns, look.scale);
    this.flat.setWindow(window.across, window.up);
    this.flat.setLook(look.absent, look.smooth);
  }

  showPlanes(
    field: Field,
    cursor: readonly [number, number, number],
    { edges, camera }: PaneSpace,
    look: PaneLook,
  ): void {
    this.hide();
    this.setOpaque(look);
    if (!this.planes) {
      this.planes = new Planes(this.table);
      this.scene.add(this.planes.group);
    }
    this.planes.group.visible = true;
    this.planes.show(field, cursor, edges, look);
    this.look(camera);
  }

  showVolume(
    field: Field,
    kind: "volume" | "surface",
    space: PaneSpace,
    look: PaneLook,
    tint?: Tint,
  ): void {
    this.hide();
    if (!this.volume) {
      this.volume = new Volume(this.pool, this.onReady, this.brickEdge);
      this.scene.add(this.volume.group);
    }
    this.isVolume = true;
    this.volume.show(field, { ...look, ...space, kind }, tint);
    this.look(space.camera);
  }

  hide(): void {
    this.isVolume = false;
    this.flatMesh.visible = false;
    if (this.planes) this.planes.group.visible = false;
    if (this.volume) this.volume.group.visible = false;
  }

  dispose(): void {
    this.flat.dispose();
    this.flatMesh.geometry.dispose();
    this.planes?.dispose();
    this.volume?.dispose();
    this.table.dispose();
  }

  private setOpaque({ transfer }: PaneLook): void {
    const table = transferTable(transfer);
    this.table.set(table, new Float32Array(table.length / 4).fill(1));
  }

  /** Makes three.js look as our camera does. */
  private look({ eye, tangents, middle }: Camera): void {
    const { camera } = this;
    const [width, height] = [1000 * (tangents[0] / tangents[1]), 1000];
    camera.up.set(0, 0, 1);
    camera.position.set(...eye);
    camera.lookAt(0, 0, 0);
    camera.fov = (Math.atan(tangents[1]) * 360) / Math.PI;
    camera.aspect = width / height;
    const distance = Math.hypot(...eye);
    camera.near = distance / 100;
    camera.far = distance * 3;
    camera.setViewOffset(
      width,
      height,
      (-middle[0] * width) / 2,
      (middle[1] * height) / 2,
      width,
      height,
    );
    camera.updateProjectionMatrix();
  }
}
