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
export type { ArchiveMetadata, ArrayMetadata, StoredCodec } from "./parse.js";
export { fieldzipCodec } from "./zarrita-codec.js";
