import type { MixedSide } from "./parameters.js";
import type { Neighbours, Note } from "./places.js";
import {
  accumulate,
  addWeighted,
  clearSums,
  copySums,
  decayAdd,
  emptySums,
  product,
  type Sums,
  solve,
} from "./regression.js";

/** The eight predictors and their blend, in plain loops: `mixing/kernel/predictors.ts`. */

const f = Math.fround;

export class PredictorsReference {
  private readonly columns: number;
  private readonly blocks: number;
  private readonly inSpace: boolean;
  private readonly block: Sums[];
  private readonly inRow: Sums[];
  private readonly late: Sums[];
  private readonly long: Sums[];
  private readonly all: Sums;
  private readonly rows: Sums[];
  private readonly tiles = new Map<number, Sums>();
  /** [predictor][phase]. */
  private readonly weights: Float64Array[][];
  private done = 0;

  constructor(private readonly side: MixedSide) {
    const { phases, regressors, blockTurns, width, outer, depth, height } = side;
    const perPhase = () => Array.from({ length: phases }, () => emptySums(regressors.length));
    this.columns = blockTurns * phases;
    this.blocks = Math.ceil(width / this.columns);
    this.inSpace = outer * depth * height > 1;
    this.block = perPhase();
    this.inRow = perPhase();
    this.late = perPhase();
    this.long = perPhase();
    this.all = emptySums(regressors.length);
    this.rows = Array.from({ length: this.blocks }, perPhase).flat();
    this.weights = Array.from({ length: 4 }, () =>
      Array.from({ length: phases }, () => new Float64Array(regressors.length)),
    );
  }

  /** At the start of a block: takes in the block before, and solves. */
  openBlock(y: number, x: number, first: boolean): void {
    if (x % this.columns !== 0) return;
    const number = x / this.columns;
    if (!first) {
      if (x > 0) this.takeBlock(y, number - 1, false);
      else this.takeBlock(y > 0 ? y - 1 : this.side.height - 1, this.blocks - 1, true);
    }
    for (let phase = 0; phase < this.side.phases; phase++) {
      if (this.inSpace) this.solveInSpace(y, number, phase);
      else this.solveInLine(phase);
    }
    this.done++;
  }

  /** Predictions relative to the reference. */
  predict(
    x: readonly number[],
    phase: number,
    at: (place: number | undefined) => number,
    place: number,
    near: Neighbours,
  ): number[] {
    const { west, west2, above, before, northWest } = near;
    const left = at(west);
    const up = at(above);
    const solved = [0, 1, 2, 3].map((k) => {
      const p = product(this.weights[k][phase], x, k === 3 ? this.side.few : x.length);
      return Math.abs(p) < 1e150 ? p : left;
    });
    const mean = (solved[0] + solved[1] + solved[2]) / 3;
    if (!this.inSpace) {
      return [...solved, mean, left, west2 === undefined ? 2 * left : 2 * left - at(west2), up];
    }
    const plane = above === undefined ? left : west === undefined ? up : left + up - at(northWest);
    let last: number;
    if (before === undefined) last = (left + up) * 0.5;
    else if (west === undefined || above === undefined) last = at(before);
    else {
      const slice = place - before;
      last = plane + at(before) - at(west - slice) - at(above - slice) + at(northWest! - slice);
    }
    return [...solved, mean, left, plane, last];
  }

  blend(predicted: readonly number[], near: Neighbours, notes: readonly Note[]): number {
    const errors = new Float32Array(8).fill(1e-30);
    const add = (place: number | undefined, weight: number) => {
      if (place === undefined) return;
      for (let k = 0; k < 8; k++) errors[k] = f(errors[k] + f(notes[place].errors[k] * f(weight)));
    };
    add(near.west, 1);
    add(near.above, 1);
    add(near.before, 1);
    add(near.northWest, 0.6);
    add(near.northEast, 0.6);
    add(near.west2, 0.5);
    add(near.above2, 0.5);
    const least = Math.min(...errors);
    let total = 0;
    let weighted = 0;
    predicted.forEach((prediction, k) => {
      const ratio = f(least / errors[k]);
      const square = f(ratio * ratio);
      const weight = f(square * square);
      total += weight;
      weighted += weight * prediction;
    });
    return weighted / total;
  }

  /** The least error of the first four predictors at three neighbours. */
  localError(near: Neighbours, notes: readonly Note[]): number {
    const errors = new Float32Array(4);
    for (const place of [near.west, near.above, near.before]) {
      if (place === undefined) continue;
      for (let k = 0; k < 4; k++) errors[k] = f(errors[k] + notes[place].errors[k]);
    }
    return Math.min(...errors) / this.side.scale;
  }

  learn(
    predicted: readonly number[],
    x: readonly number[],
    value: number,
    phase: number,
    note: Note,
  ): void {
    predicted.forEach((prediction, k) => {
      note.errors[k] = Math.min(f(Math.abs(prediction - value) * this.side.scale), f(1e30));
    });
    accumulate(this.block[phase], x, value);
  }

  private takeBlock(y: number, number: number, rowEnds: boolean): void {
    const { phases, keep, tileRows } = this.side;
    for (let phase = 0; phase < phases; phase++) {
      const from = this.block[phase];
      if (this.inSpace && rowEnds) clearSums(this.inRow[phase]);
      else decayAdd(this.inRow[phase], from, keep[0]);
      decayAdd(this.late[phase], from, keep[1]);
      decayAdd(this.long[phase], from, keep[2]);
      if (!this.inSpace) decayAdd(this.all, from, phase === 0 ? keep[2] : 1);
      const slot = number * phases + phase;
      if (this.inSpace) decayAdd(this.rows[slot], from, keep[3]);
      const tile = this.tileAt(y, slot);
      if (tile) decayAdd(tile, from, y % tileRows === 0 ? keep[4] : 1);
      clearSums(from);
    }
  }

  private tileAt(y: number, slot: number): Sums | undefined {
    const { outer, depth, tileRows, phases, regressors } = this.side;
    if (tileRows === 0 || outer * depth === 1) return undefined;
    const key = Math.floor(y / tileRows) * this.blocks * phases + slot;
    let tile = this.tiles.get(key);
    if (!tile) {
      tile = emptySums(regressors.length);
      this.tiles.set(key, tile);
    }
    return tile;
  }

  private solveInSpace(y: number, number: number, phase: number): void {
    const { phases, keep, ridges, few, regressors } = this.side;
    const slot = number * phases + phase;
    const sum = copySums(this.inRow[phase]);
    if (number > 0) addWeighted(sum, this.rows[slot - phases], keep[6]);
    addWeighted(sum, this.rows[slot], 1);
    if (number + 1 < this.blocks) addWeighted(sum, this.rows[slot + phases], keep[6]);
    solve(sum, few, ridges[3], this.weights[3][phase]);
    const tile = this.tileAt(y, slot);
    if (tile) addWeighted(sum, tile, keep[5]);
    const all = regressors.length;
    solve(sum, all, ridges[0], this.weights[0][phase]);
    if (this.isTurn(2)) solve(this.late[phase], all, ridges[1], this.weights[1][phase]);
    if (this.isTurn(4)) solve(this.long[phase], all, ridges[2], this.weights[2][phase]);
  }

  private solveInLine(phase: number): void {
    const { ridges, few, regressors } = this.side;
    const all = regressors.length;
    solve(this.inRow[phase], few, ridges[3], this.weights[3][phase]);
    solve(this.inRow[phase], all, ridges[0], this.weights[0][phase]);
    if (!this.isTurn(2)) return;
    solve(this.long[phase], all, ridges[1], this.weights[1][phase]);
    if (phase === 0) solve(this.all, all, ridges[2], this.weights[2][0]);
    else this.weights[2][phase].set(this.weights[2][0]);
  }

  private isTurn(turn: number): boolean {
    return this.done < 16 || this.done % turn === 0;
  }
}
