/**
 * Things that are opened when they are used and closed when others need their place: a run of
 * thousands of files is read with a few of them open.
 */
export interface OpenPool<Key, Value> {
  /** Calls `work` with the opened thing, which stays open for as long as `work` takes. */
  use<Result>(key: Key, work: (value: Value) => Promise<Result>): Promise<Result>;
  /** Closes everything; what is still in use goes when its work ends. */
  close(): Promise<void>;
}

interface Entry<Value> {
  readonly value: Promise<Value>;
  users: number;
}

/** A pool that keeps at most `limit` things open beside those in use, the least recently used going first. */
export function openPool<Key, Value>(
  limit: number,
  open: (key: Key) => Promise<Value>,
  close: (value: Value) => Promise<void>,
): OpenPool<Key, Value> {
  // A Map keeps insertion order: the first key is the least recently used.
  const entries = new Map<Key, Entry<Value>>();

  async function shrink(keep: number): Promise<void> {
    for (const [key, entry] of entries) {
      if (entries.size <= keep) return;
      if (entry.users > 0) continue;
      entries.delete(key);
      await close(await entry.value);
    }
  }

  return {
    async use(key, work) {
      const entry = entries.get(key) ?? { value: open(key), users: 0 };
      entries.delete(key);
      entries.set(key, entry);
      entry.users++;
      try {
        return await work(await entry.value);
      } catch (error) {
        // What could not be opened is tried again the next time.
        await entry.value.catch(() => entries.delete(key));
        throw error;
      } finally {
        entry.users--;
        await shrink(limit);
      }
    },
    close: () => shrink(0),
  };
}
