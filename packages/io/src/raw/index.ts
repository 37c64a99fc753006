export { parseDataType } from "./data-type-name.js";
export { openRaw, type RawOptions } from "./open.js";
export { writeRaw } from "./write.js";
export type { WriteOptions, Written } from "./write-files.js";
