/** Readers and writers: everything between files and `Dataset`. */
export { type PendingOutput, replaceFile, writeAside } from "./files/atomic.js";
export type { ByteOrder } from "./files/flat.js";
export { type OpenOptions, openDataset } from "./open.js";
export { type Original, originalOf } from "./original.js";
export type { LinkRule } from "./store/folder.js";
export { type OpenStoreOptions, openStore } from "./store/open.js";
export type { ByteRange, ReadableStore, WritableStore } from "./store/store.js";
export {
  type OutputFormat,
  outputFormats,
  type WriteDatasetOptions,
  writeDataset,
} from "./write.js";
export * from "./zarr/index.js";
