/** A value that changes, and who wants to know. */
export interface Store<Value> {
  readonly current: Value;
  /** Replaces some parts; nothing happens where none of them changes. */
  change(parts: Partial<Value>): void;
  /** Calls now and whenever `select` gives another value. Returns how to stop. */
  watch<Selected>(
    select: (value: Value) => Selected,
    see: (selected: Selected, before: Selected | undefined) => void,
  ): () => void;
}

export function createStore<Value extends object>(first: Value): Store<Value> {
  let current = first;
  const watchers = new Set<() => void>();
  return {
    get current() {
      return current;
    },
    change(parts) {
      const keys = Object.keys(parts) as (keyof Value)[];
      if (keys.every((key) => Object.is(current[key], parts[key]))) return;
      current = { ...current, ...parts };
      for (const tell of [...watchers]) tell();
    },
    watch(select, see) {
      let before = select(current);
      see(before, undefined);
      const tell = () => {
        const now = select(current);
        if (sameParts(now, before)) return;
        const last = before;
        before = now;
        see(now, last);
      };
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
  };
}

/** Equal, or lists of equal entries: so that several parts can be watched as one. */
function sameParts(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((part, k) => Object.is(part, other[k]));
}
