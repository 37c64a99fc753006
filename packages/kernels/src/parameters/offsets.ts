/**
 * How parameter arrays are described to the kernel: PARAMETERS_STRIDE bytes an array, all fields 32 bits wide.
 * Shared by the kernel (AssemblyScript) and the binding (TypeScript).
 */

/** 0 grid, 1 frequencies, 2 phases, 3 weights, 4 bias: the roles of `network/shape.ts` in its order. */
export const PARAMETERS_ROLE = 0;
export const PARAMETERS_FORMAT = 4;
/** Number of axes, 1 to 5; their extents, slowest first, each at least 1. The last axis is features or outputs. */
export const PARAMETERS_RANK = 8;
export const PARAMETERS_EXTENTS = 12;
/** Where the array lies: i16 symbols, or f32 numbers. */
export const PARAMETERS_AT = 32;
export const PARAMETERS_STRIDE = 36;

export const FORMAT_INTEGER = 0;
export const FORMAT_FLOAT32 = 1;
/** Numbers of float16 as f32: the lower 13 bits are 0. */
export const FORMAT_FLOAT16 = 2;

export const ROLE_GRID = 0;
export const ROLE_WEIGHTS = 3;
