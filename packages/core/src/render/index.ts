/** Pictures of fields: colour maps, scales, ticks, transfer functions. No DOM: shared by the viewer and the command line. */
export {
  type Colour,
  type ColourMapKind,
  type ColourMapName,
  colourAt,
  colourMapKind,
  colourMapNames,
} from "./colour-maps.js";
export { linearTicks, logarithmicTicks, tickLabel } from "./ticks.js";
export {
  type OpacityPoint,
  opacityAt,
  TABLE_SIZE,
  type TransferFunction,
  transferTable,
} from "./transfer-function.js";
export {
  LINEAR_SHARE,
  linearPart,
  type ScaleName,
  usableRange,
  type ValueRange,
  type ValueScale,
  valueScale,
} from "./value-scale.js";
