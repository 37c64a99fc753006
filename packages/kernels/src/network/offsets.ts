/**
 * Where the network's kernels find what they need: byte offsets that the kernels (AssemblyScript) and
 * the binding (TypeScript) share. All fields are 32 bits wide.
 */

/** Rows (samples) that go through the network together. */
export const TILE_ROWS = 64;

/** The network: PLAN_HEAD bytes, then its layers, then its grids. */
export const PLAN_DIMENSIONS = 0;
export const PLAN_OUTPUTS = 4;
/** Frequencies, and their number rounded up to 4: the columns that sines, and cosines, take. */
export const PLAN_FREQUENCIES = 8;
export const PLAN_FREQUENCY_COLUMNS = 12;
/** 0: the coordinates themselves; 1: Fourier features; 2: Fourier features whose frequencies learn. */
export const PLAN_MAPPING = 16;
export const PLAN_ACTIVATION = 20;
export const PLAN_LAYERS = 24;
export const PLAN_LEVELS = 28;
/** Column of the first sine, or coordinate: the grids' features stand before it. */
export const PLAN_MAPPING_COLUMN = 32;
/** Byte offset of the frequencies among the parameters: a row an axis, then the phases. */
export const PLAN_FREQUENCIES_AT = 36;
/** Address of the parameters. */
export const PLAN_PARAMETERS = 40;
/** Address of the factor that turns an output's error into its gradient: a float a column. */
export const PLAN_LOSS_FACTORS = 44;
/** Offsets in a share's scratch: error sums, coordinates, corners, differences of the outputs. */
export const PLAN_ERRORS_AT = 48;
export const PLAN_COORDINATES_AT = 52;
export const PLAN_CORNERS_AT = 56;
export const PLAN_OUTPUT_AT = 60;
export const PLAN_DELTA_AT = 64;
export const PLAN_OTHER_DELTA_AT = 68;
/** Offset in the scratch of what a product takes its rows from: room for the widest tile. */
export const PLAN_PACKED_AT = 72;
export const PLAN_HEAD = 80;

/** A layer. Columns are multiples of 8. */
export const LAYER_INPUTS = 0;
export const LAYER_OUTPUTS = 4;
/** Byte offsets among the parameters; NO_BIAS where there is none. */
export const LAYER_WEIGHTS_AT = 8;
export const LAYER_BIAS_AT = 12;
/** Offsets in the scratch: inputs, derivatives of its activation, transposed weights. */
export const LAYER_INPUT_AT = 16;
export const LAYER_DERIVATIVE_AT = 20;
export const LAYER_TRANSPOSED_AT = 24;
export const LAYER_STRIDE = 32;
export const NO_BIAS = -1;

/** A grid: features (a multiple of 4), byte offset among the parameters, first column, nodes an axis. */
export const LEVEL_FEATURES = 0;
export const LEVEL_VALUES_AT = 4;
export const LEVEL_COLUMN = 8;
export const LEVEL_NODES = 12;
export const LEVEL_STRIDE = 32;

/** Where samples come from. Axes: a table of coordinates each, one after another; else a list of points. */
export const SOURCE_AXES = 0;
export const SOURCE_COORDINATES = 4;
export const SOURCE_LENGTHS = 8;
export const SOURCE_TARGETS = 24;
/** Bytes from one sample's targets to the next one's: a multiple of 16. */
export const SOURCE_TARGET_STRIDE = 28;
export const SOURCE_BYTES = 32;

export const ACTIVATION_RELU = 0;
export const ACTIVATION_SINE = 1;
export const ACTIVATION_SMOOTH = 2;

/** A row of the tile is this much longer than its columns, so that rows do not share cache sets. */
export const ROW_SKEW = 32;
