/** The archive on disk: writing, reading, and its codec for zarrita. `spec/archive.md` is normative. */
export { ArchiveReader, type ArchiveReaderOptions, type StoredChunk } from "./archive-reader.js";
export {
  type CreateArchiveOptions,
  createArchive,
  createArchiveIn,
} from "./archive-writer.js";
export {
  archiveIndex,
  isArchive,
  type OpenArchiveOptions,
  openArchive,
  openArchiveIn,
} from "./open-archive.js";
export type { ArchiveMetadata, ArrayMetadata } from "./parse.js";
export type { StoredCodec } from "./parse-array.js";
export { fieldzipCodec } from "./zarrita-codec.js";
