/** The archive on disk: writing, reading, and its codec for zarrita. `spec/archive.md` is normative. */
export { archiveIndex, type OpenArchiveOptions, openArchiveIn } from "./archive-dataset.js";
export { ArchiveReader, type ArchiveReaderOptions, type StoredChunk } from "./archive-reader.js";
export { createArchiveIn } from "./archive-writer.js";
export { type CreateArchiveOptions, createArchive } from "./create-archive.js";
export { isArchive, openArchive } from "./open-archive.js";
export type { ArchiveMetadata, ArrayMetadata } from "./parse.js";
export type { StoredCodec } from "./parse-array.js";
export { type PlainObject, type PlainStore, plainStore } from "./plain-store.js";
export { type StoredVariable, storedVariables } from "./stored-variable.js";
export { fieldzipCodec } from "./zarrita-codec.js";
