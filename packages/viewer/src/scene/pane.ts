import type { ValueScale } from "@fieldzip/core/render";
import { Mesh, PerspectiveCamera, PlaneGeometry, Scene } from "three/webgpu";
import { type Field, planeOf } from "../data/field.js";
import type { SliceWindow } from "../figure/draw-slice.js";
import { SliceMaterial } from "./slice-material.js";
import { TableTexture } from "./table-texture.js";

/** What all modes of a pane share. */
export interface PaneLook {
  readonly scale: ValueScale;
  /** `transferTable` of what is shown. */
  readonly table: Uint8Array;
  readonly absent: readonly [number, number, number];
  readonly smooth: boolean;
}

/** One picture: a field in one of the modes. */
export class Pane {
  readonly scene = new Scene();
  readonly camera = new PerspectiveCamera();
  private readonly table = new TableTexture();
  private readonly flat = new SliceMaterial(this.table, true);
  private readonly flatMesh = new Mesh(new PlaneGeometry(2, 2), this.flat.material);

  constructor() {
    this.flatMesh.frustumCulled = false;
    this.scene.add(this.flatMesh);
  }

  showSlice(
    field: Field,
    axis: 0 | 1 | 2,
    place: number,
    window: SliceWindow,
    look: PaneLook,
  ): void {
    this.flatMesh.visible = true;
    this.table.set(look.table, new Float32Array(look.table.length / 4).fill(1));
    const { values, rows, columns } = planeOf(field, axis, place);
    this.flat.setPlane(values, rows, columns, look.scale);
    this.flat.setWindow(window.across, window.up);
    this.flat.setLook(look.absent, look.smooth);
  }

  hide(): void {
    this.flatMesh.visible = false;
  }

  dispose(): void {
    this.flat.dispose();
    this.flatMesh.geometry.dispose();
    this.table.dispose();
  }
}
