import { FieldzipError, throwIfAborted } from "@fieldzip/core";
import {
  configure,
  type Entry,
  type FileEntry,
  Reader,
  ZipReader,
  ZipWriter,
} from "@zip.js/zip.js";
import type { RandomAccessFile } from "../files/file.js";
import { joinBytes } from "./bytes.js";
import { checkKey, clipRange, isSafeKey } from "./keys.js";
import type { ReadableStore } from "./store.js";

configure({ useWebWorkers: false });

/** An object that was deflated is inflated whole, so its declared size is bounded. */
const largestInflated = 256 * 2 ** 20;
const localHeaderBytes = 30;

/**
 * A zip as a store. Stored entries are read in ranges straight from the file; deflated ones are
 * inflated whole, never beyond the size that the directory declares.
 */
export async function openZip(
  file: RandomAccessFile,
  location: string,
  signal?: AbortSignal,
): Promise<ReadableStore> {
  const entries = await readDirectory(file, location, signal);
  const dataOffsets = new Map<string, number>();
  let lastInflated: { key: string; bytes: Uint8Array } | undefined;

  /** Where an entry's data begins: its local header has a length of its own. */
  async function dataOffset(key: string, entry: FileEntry, signal?: AbortSignal): Promise<number> {
    const known = dataOffsets.get(key);
    if (known !== undefined) return known;
    const bytes = await file.read(entry.offset, localHeaderBytes, signal);
    const header = new DataView(bytes.buffer, bytes.byteOffset);
    if (header.getUint32(0, true) !== 0x04034b50) {
      throw new FieldzipError("format", {
        where: `${location}, entry ${key}, offset ${entry.offset}`,
        expected: "the local header of a zip entry",
        found: `0x${header.getUint32(0, true).toString(16)}`,
        remedy: "the zip is damaged; fetch or write it again",
      });
    }
    const names = header.getUint16(26, true) + header.getUint16(28, true);
    const offset = entry.offset + localHeaderBytes + names;
    dataOffsets.set(key, offset);
    return offset;
  }

  async function read(
    key: string,
    range: { offset: number; length: number } | { suffixLength: number } | undefined,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    throwIfAborted(signal);
    checkKey(key, location);
    const entry = entries.get(key);
    if (!entry) return undefined;
    const part = range && clipRange(range, entry.uncompressedSize);
    if (entry.compressionMethod === 0 && part && part.length < entry.uncompressedSize) {
      const start = await dataOffset(key, entry, signal);
      return file.read(start + part.offset, part.length, signal);
    }
    if (lastInflated?.key !== key) {
      const bytes = await readWhole(entry, key, location, signal);
      if (!part || part.length === bytes.length) return bytes;
      lastInflated = { key, bytes };
    }
    const { bytes } = lastInflated;
    if (!part) return bytes;
    return bytes.slice(part.offset, part.offset + part.length);
  }

  return {
    location,
    get: (key, signal) => read(key, undefined, signal),
    getRange: read,
    async size(key) {
      checkKey(key, location);
      return entries.get(key)?.uncompressedSize;
    },
    async list(prefix) {
      return [...entries.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
    close: () => file.close(),
  };
}

async function readDirectory(
  file: RandomAccessFile,
  location: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, FileEntry>> {
  const entries = new Map<string, FileEntry>();
  try {
    for await (const entry of new ZipReader(new FileReader(file, signal)).getEntriesGenerator()) {
      throwIfAborted(signal);
      if (entry.directory) continue;
      if (!isSafeKey(entry.filename)) throw badEntry(entry, location, "a relative name");
      if (entries.has(entry.filename)) throw badEntry(entry, location, "every name once");
      if (entry.encrypted) throw unsupportedEntry(entry, location, "encryption");
      if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
        throw unsupportedEntry(entry, location, `compression method ${entry.compressionMethod}`);
      }
      if (entry.compressionMethod === 0 && entry.compressedSize !== entry.uncompressedSize) {
        throw badEntry(entry, location, "equal sizes of a stored entry");
      }
      entries.set(entry.filename, entry);
    }
  } catch (error) {
    throw zipError(error, location);
  }
  return entries;
}

/** The whole of an entry, its CRC-32 verified. */
async function readWhole(
  entry: FileEntry,
  key: string,
  location: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const size = entry.uncompressedSize;
  const where = `${location}, entry ${key}`;
  // A stored entry has earned its size: the file holds that many bytes. A deflated one has not.
  if (entry.compressionMethod !== 0 && size > largestInflated) {
    throw new FieldzipError("limit", {
      where,
      expected: `at most ${largestInflated} bytes in a compressed entry`,
      found: `${size}`,
      remedy: "store the entries uncompressed (zip -0), or unpack the zip into a folder",
    });
  }
  const parts: Uint8Array[] = [];
  let total = 0;
  const target = new WritableStream<Uint8Array>({
    write(part) {
      total += part.length;
      if (total > size) {
        throw new FieldzipError("limit", {
          where,
          expected: `${size} bytes, as the directory declares`,
          found: "more",
          remedy: "the zip is damaged or made to harm; do not use it",
        });
      }
      // zip.js may use its buffer again for what comes next.
      parts.push(part.slice());
    },
  });
  try {
    await entry.getData(target, { checkCrc32: true, signal });
  } catch (error) {
    throwIfAborted(signal);
    throw zipError(error, where);
  }
  if (total !== size) {
    throw new FieldzipError("truncated", {
      where,
      expected: `${size} bytes`,
      found: `${total}`,
      remedy: "the zip is damaged; fetch or write it again",
    });
  }
  return joinBytes(parts);
}

/**
 * Appends entries to whatever `append` writes to: chunks stored, so that they are read in ranges; metadata, most of
 * a small archive, deflated. Equal calls give equal bytes on every engine.
 */
export interface ZipAppender {
  add(key: string, bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
}

/** `zip64` forces the 64-bit records that are otherwise written where they are needed. */
export function appendZip(
  append: (bytes: Uint8Array) => Promise<void>,
  options: { zip64?: boolean } = {},
): ZipAppender {
  const target = new WritableStream<Uint8Array>({ write: (part) => append(part) });
  const writer = new ZipWriter(target, {
    zip64: options.zip64,
    dataDescriptor: false,
    extendedTimestamp: false,
    // The first moment a zip can name: 1980-01-01 00:00, without a time zone.
    rawLastModDate: 0x00210000,
    lastModDate: new Date(1980, 0, 1),
  });
  return {
    async add(key, bytes) {
      await writer.add(key, new BytesReader(bytes), { level: levelOf(key) });
    },
    async finish() {
      await writer.close(undefined, { zip64: options.zip64 });
    },
  };
}

/** Of metadata the most; not 6, at which zip.js would leave it to the engine, each with its own bytes. */
function levelOf(key: string): number {
  return key.endsWith(".json") ? 9 : 0;
}

/** Bytes that an entry takes, with its local header and its entry in the directory, both with the key. */
export async function zipBytesOf(key: string, bytes: Uint8Array): Promise<number> {
  const beside = 30 + 46 + 2 * new TextEncoder().encode(key).length;
  if (levelOf(key) === 0) return beside + bytes.length;
  let sum = -END_BYTES;
  const zip = appendZip(async (part) => {
    sum += part.length;
  });
  await zip.add(key, bytes);
  await zip.finish();
  return sum;
}

/** Of the record that ends a directory. */
const END_BYTES = 22;

class FileReader extends Reader<RandomAccessFile> {
  constructor(
    private readonly file: RandomAccessFile,
    private readonly signal: AbortSignal | undefined,
  ) {
    super(file);
    this.size = file.size;
  }
  override readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const { offset, length: inside } = clipRange({ offset: index, length }, this.file.size);
    return this.file.read(offset, inside, this.signal);
  }
}

class BytesReader extends Reader<Uint8Array> {
  constructor(private readonly bytes: Uint8Array) {
    super(bytes);
    this.size = bytes.length;
  }
  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return this.bytes.slice(index, index + length);
  }
}

function badEntry(entry: Entry, location: string, expected: string): FieldzipError {
  return new FieldzipError("format", {
    where: `${location}, entry ${JSON.stringify(entry.filename.slice(0, 200))}`,
    expected,
    found: "an entry that another program would read in another way",
    remedy: "the zip is damaged or made to harm; do not use it",
  });
}

function unsupportedEntry(entry: Entry, location: string, found: string): FieldzipError {
  return new FieldzipError("unsupported", {
    where: `${location}, entry ${JSON.stringify(entry.filename.slice(0, 200))}`,
    expected: "stored or deflated entries",
    found,
    remedy: "unpack the zip into a folder and read that",
  });
}

/** What zip.js throws, as a typed error. */
function zipError(error: unknown, where: string): FieldzipError {
  if (error instanceof FieldzipError) return error;
  const found = error instanceof Error ? error.message : String(error);
  return new FieldzipError(
    /crc|signature/i.test(found) && !/central|local/i.test(found) ? "checksum" : "format",
    { where, expected: "a readable zip", found, remedy: "fetch or write the zip again" },
    error,
  );
}
