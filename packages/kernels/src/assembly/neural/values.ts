/** From a network to values: evaluation tile by tile, scaling, residuals (spec/stream.md, section 5.5). */
import { evaluate } from "../../network/kernel";
import { TILE_ROWS } from "../../network/offsets";
import { fromOrdered, predictedToOrdered, unzigzag } from "../ordered";
import { PLAN, SOURCE, tile, work } from "./layout";
import { BOUNDED, EXACT, inner, isOutput, outputs, points, recordOf, variables } from "./side-information";

/** Where residuals stand as zigzag integers (unless the guarantee is best-effort), there will be values. */
export function restoreValues<F, I>(values: usize, guarantee: u32): void {
  for (let first: u32 = 0; first < points; first += TILE_ROWS) {
    const rows = min<u32>(TILE_ROWS, points - first);
    evaluate(PLAN, work, SOURCE, first, rows, tile);
    let column = tile;
    for (let v: u32 = 0; v < variables; v++) {
      if (!isOutput(v)) continue;
      restoreColumn<F, I>(values, v, first, rows, column, guarantee);
      column += 4;
    }
  }
  for (let v: u32 = 0; v < variables; v++) if (!isOutput(v)) fillConstant<F>(values, v);
}

/** One variable of a tile. */
function restoreColumn<F, I>(values: usize, variable: u32, first: u32, rows: u32, column: usize, guarantee: u32): void {
  const record = recordOf(variable);
  const offset = <F>load<f64>(record), scale = <F>load<f64>(record, 8), step = guarantee == BOUNDED ? 2 * load<f64>(record, 24) : 0;
  let place = <usize>((first / inner * variables + variable) * inner + first % inner);
  // Points until the place jumps over the other variables.
  let until = inner - first % inner;
  for (let row: u32 = 0; row < rows; row++, place++, until--, column += <usize>outputs << 2) {
    if (until == 0) {
      place += <usize>(variables - 1) * <usize>inner;
      until = inner;
    }
    const at = values + place * sizeof<F>();
    const predicted = <F>load<f32>(column) * scale + offset;
    if (guarantee == EXACT) {
      store<F>(at, fromOrdered<F, I>(predictedToOrdered<F, I>(predicted) + unzigzag<I>(load<I>(at))));
      continue;
    }
    const finite: F = predicted - predicted == 0 ? predicted : 0;
    if (guarantee == BOUNDED) store<F>(at, <F>(<f64>finite + <f64>unzigzag<I>(load<I>(at)) * step));
    else store<F>(at, finite);
  }
}

/** Moved as integers: a signalling NaN stays one. */
function fillConstant<F>(values: usize, variable: u32): void {
  const record = recordOf(variable);
  const bits = sizeof<F>() == 4 ? <u64>load<u32>(record) : load<u64>(record);
  for (let from: u32 = 0; from < points; from += inner) {
    const start = values + <usize>((from / inner * variables + variable) * inner) * sizeof<F>();
    for (let at = start; at < start + <usize>inner * sizeof<F>(); at += sizeof<F>()) {
      if (sizeof<F>() == 4) store<u32>(at, <u32>bits);
      else store<u64>(at, bits);
    }
  }
}
