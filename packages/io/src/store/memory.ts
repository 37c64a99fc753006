import { throwIfAborted } from "@fieldzip/core";
import { checkKey, clipRange, duplicateKey, storeClosed } from "./keys.js";
import type { ReadableStore, WritableStore } from "./store.js";

/** A store in memory: for tests and for archives that go straight into a message. */
export interface MemoryStore extends ReadableStore, WritableStore {
  /** The published objects, live: tests damage them here. */
  readonly objects: Map<string, Uint8Array>;
}

export function memoryStore(
  objects = new Map<string, Uint8Array>(),
  location = "memory",
): MemoryStore {
  const pending = new Map<string, Uint8Array>();
  let done = false;
  return {
    location,
    objects,
    async get(key, signal) {
      throwIfAborted(signal);
      checkKey(key, location);
      return objects.get(key)?.slice();
    },
    async getRange(key, range, signal) {
      throwIfAborted(signal);
      checkKey(key, location);
      const object = objects.get(key);
      if (!object) return undefined;
      const { offset, length } = clipRange(range, object.length);
      return object.slice(offset, offset + length);
    },
    async size(key) {
      checkKey(key, location);
      return objects.get(key)?.length;
    },
    async list(prefix) {
      return [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
    async put(key, bytes) {
      checkKey(key, location);
      if (done) throw storeClosed(location);
      if (pending.has(key)) throw duplicateKey(key, location);
      pending.set(key, bytes.slice());
    },
    async publish() {
      if (done) throw storeClosed(location);
      done = true;
      objects.clear();
      let bytes = 0;
      for (const [key, object] of pending) {
        objects.set(key, object);
        bytes += object.length;
      }
      pending.clear();
      return { bytes };
    },
    async discard() {
      done = true;
      pending.clear();
    },
    async close() {},
  };
}
