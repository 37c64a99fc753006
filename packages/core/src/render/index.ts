/** Pictures of fields: what they are drawn of, cameras, colour maps, scales, ticks, transfer functions. No DOM: shared by the viewer and the command line. */
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
export {
  bytesOfField,
  type Field,
  type FieldValues,
  lineOf,
  planeOf,
  thinnedOut,
  valueAt,
} from "./field.js";
export {
  type Axis,
  coordinateOf,
  edgesOf,
  type FieldLayout,
  layoutOf,
  lengthsOf,
  shownVariables,
  unpacking,
} from "./field-layout.js";
export { type PictureDifference, pictureDifference } from "./image-metrics.js";
export { type Level, type LevelLimits, levelsOf, strideFor } from "./levels.js";
export { type LoadOptions, loadField } from "./load-field.js";
export { opacityFor } from "./opacity-for.js";
export type { NetworkSampler } from "./parts.js";
export {
  type DrawPictureTask,
  drawPicture,
  type PictureField,
  type PictureLook,
  sliceExtents,
  transferFor,
} from "./picture.js";
export {
  countForm,
  defaultCamera,
  defaultPictureView,
  flagForm,
  listOf,
  type Mode,
  modes,
  oneOf,
  type PictureView,
  pictureForms,
  type TextForm,
} from "./picture-view.js";
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
export { cursorIn, type SliceWindow, sliceAxes, sliceAxis, sliceWindow } from "./slices.js";
export { linearTicks, logarithmicTicks, tickLabel } from "./ticks.js";
export {
  type OpacityPoint,
  opacityAt,
  TABLE_SIZE,
  type TransferFunction,
  transferTable,
} from "./transfer-function.js";
export { nextPrime, placesOf, rangeWithin } from "./value-places.js";
export {
  LINEAR_SHARE,
  linearPart,
  type ScaleName,
  usableRange,
  type ValueRange,
  type ValueScale,
  valueScale,
} from "./value-scale.js";
