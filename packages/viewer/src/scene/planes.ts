import {
  type Field,
  planeOf,
  sliceAxes,
  type ValueScale,
  type Vector,
} from "@fieldzip/core/render";
import { Group, Mesh, PlaneGeometry } from "three/webgpu";
import { SliceMaterial } from "./slice-material.js";
import type { TableTexture } from "./table-texture.js";

/** The three planes through the cursor, where they lie in space. */
export class Planes {
  readonly group = new Group();
  private readonly geometry = new PlaneGeometry(1, 1);
  private readonly materials: SliceMaterial[];
  private readonly meshes: Mesh[];

  constructor(table: TableTexture) {
    this.materials = [0, 1, 2].map(() => new SliceMaterial(table, false));
    this.meshes = this.materials.map(({ material }) => new Mesh(this.geometry, material));
    for (const mesh of this.meshes) {
      mesh.matrixAutoUpdate = false;
      this.group.add(mesh);
    }
  }

  show(
    field: Field,
    cursor: readonly [number, number, number],
    edges: Vector,
    look: {
      readonly scale: ValueScale;
      readonly absent: readonly [number, number, number];
      readonly smooth: boolean;
    },
  ): void {
    for (const axis of [0, 1, 2] as const) {
      const material = this.materials[axis];
      const { values, rows, columns } = planeOf(field, axis, cursor[axis]);
      material.setPlane(values, rows, columns, look.scale);
      material.setLook(look.absent, look.smooth);
      const { across, up } = sliceAxes(axis);
      const { matrix } = this.meshes[axis];
      // Axes of the world are x, y, z, those of the field z, y, x.
      const [a, b, c] = [2 - across, 2 - up, 2 - axis];
      const at = (cursor[axis] + 0.5) / field.shape[axis] - 0.5;
      const column = (world: number, length: number) =>
        [0, 1, 2].map((k) => (k === world ? length : 0));
      const [x, y, z] = [column(a, edges[a]), column(b, edges[b]), column(c, 1)];
      const shift = column(c, at * edges[c]);
      matrix.set(
        ...[x[0], y[0], z[0], shift[0]],
        ...[x[1], y[1], z[1], shift[1]],
        ...[x[2], y[2], z[2], shift[2]],
        ...[0, 0, 0, 1],
      );
      this.meshes[axis].matrixWorldNeedsUpdate = true;
    }
  }

  dispose(): void {
    for (const material of this.materials) material.dispose();
    this.geometry.dispose();
  }
}
