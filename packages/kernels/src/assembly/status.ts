/** What decoding a stream came to. `packages/core/src/stream/status.ts` says the same in words. */
export const OK: i32 = 0;
export const TRUNCATED: i32 = 1;
export const NOT_A_STREAM: i32 = 2;
export const UNKNOWN_VERSION: i32 = 3;
export const UNKNOWN_DATA_TYPE: i32 = 4;
export const UNKNOWN_GUARANTEE: i32 = 5;
export const UNKNOWN_PREDICTOR: i32 = 6;
export const BAD_HEADER: i32 = 7;
export const HEADER_CHECKSUM: i32 = 8;
export const SECTION_CHECKSUM: i32 = 9;
export const WRONG_SHAPE: i32 = 10;
export const BAD_SECTIONS: i32 = 11;
export const BAD_SIDE_INFORMATION: i32 = 12;
export const DAMAGED_CLASSES: i32 = 13;
export const DAMAGED_BITS: i32 = 14;
export const OUT_OF_MEMORY: i32 = 15;
export const UNKNOWN_MODE: i32 = 16;
