import { open } from "node:fs/promises";
import { type LinkRule, openStore, type ReadableStore } from "@fieldzip/io";

/** The stored bytes of an archive: the objects of a folder, or one `.zip` file. */
export interface RawSource {
  /** Whether it is one file, which has no keys. */
  readonly isFile: boolean;
  size(key: string, signal?: AbortSignal): Promise<number | undefined>;
  read(key: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function openRaw(
  location: string,
  isFile: boolean,
  links: LinkRule,
): Promise<RawSource> {
  return isFile ? rawFile(location) : rawStore(await openStore(location, { links }));
}

async function rawFile(path: string): Promise<RawSource> {
  const handle = await open(path, "r");
  const { size } = await handle.stat();
  return {
    isFile: true,
    size: async (key) => (key === "" ? size : undefined),
    async read(_, offset, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    },
    close: () => handle.close(),
  };
}

function rawStore(store: ReadableStore): RawSource {
  return {
    isFile: false,
    size: (key, signal) => store.size(key, signal),
    async read(key, offset, length, signal) {
      return (await store.getRange(key, { offset, length }, signal)) ?? new Uint8Array(0);
    },
    close: () => store.close(),
  };
}

/** Bytes of an object piece by piece, as fast as they are taken. */
export function pieces(
  source: RawSource,
  key: string,
  { offset, length }: { offset: number; length: number },
  pieceBytes: number,
): ReadableStream<Uint8Array> {
  let at = offset;
  const end = offset + length;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const bytes = await source.read(key, at, Math.min(pieceBytes, end - at));
        // The length was promised; an object that became shorter breaks the connection off.
        if (bytes.length === 0) throw new Error(`${key} ended early`);
        at += bytes.length;
        controller.enqueue(bytes);
        if (at === end) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
