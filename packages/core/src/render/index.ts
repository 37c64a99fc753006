/** Pictures of fields: cameras, colour maps, scales, ticks, transfer functions. No DOM: shared by the viewer and the command line. */
export {
  boxEdges,
  type Camera,
  cameraOf,
  dot,
  FIELD_OF_VIEW,
  project,
  rayThrough,
  type Vector,
  type View,
} from "./camera.js";
export {
  type Colour,
  type ColourMapKind,
  type ColourMapName,
  colourAt,
  colourMapKind,
  colourMapNames,
} from "./colour-maps.js";
export { type PictureDifference, pictureDifference } from "./image-metrics.js";
export {
  boxHit,
  castVolume,
  cellEdge,
  createCaster,
  type RayLook,
  type RayResult,
  type Volume,
} from "./ray-caster.js";
export {
  light,
  lightDirection,
  OPACITY_LENGTH,
  OPAQUE,
  STEP_IN_CELLS,
  shade,
  stepOpacity,
} from "./shading.js";
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
