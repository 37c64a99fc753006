/** The sections of the stream at hand, by kind (`spec/stream.md`, section 1). */
export const SECTION_SIDE: u32 = 1;
export const SECTION_CLASSES: u32 = 2;
export const SECTION_BITS: u32 = 3;
export const SECTION_EXCEPTIONS: u32 = 4;
export const SECTION_VALUES: u32 = 5;
export const SECTION_SOURCE: u32 = 6;
export const SECTION_BOUNDARY: u32 = 7;
export const SECTION_MASK: u32 = 8;
export const SECTION_COPIES: u32 = 9;
export const SECTION_MIXED: u32 = 10;
export const SECTION_BLOCKS: u32 = 11;
export const SECTION_MODEL: u32 = 12;
/** A bit for every kind that there is. */
export const KNOWN_SECTIONS: u32 = 0x1ffe;

/** Address and length of each section by kind, 8 bytes each, kinds 0 to 15. */
export const SECTIONS: usize = memory.data(128, 16);

/** 0 where the stream has no such section. */
// @ts-ignore: decorator
@inline
export function addressOf(kind: u32): usize {
  return load<u32>(SECTIONS + 8 * <usize>kind);
}

// @ts-ignore: decorator
@inline
export function lengthOf(kind: u32): u32 {
  return load<u32>(SECTIONS + 8 * <usize>kind, 4);
}
