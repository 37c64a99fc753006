/** Keys that parts of the page ask for; see `figure/keyboard.ts`, which hears them. */
const wanted = new Map<string, (key: string) => unknown>();

/** Calls back for these keys. A callback that returns false leaves the key to the browser. */
export function onKey(keys: readonly string[], act: (key: string) => unknown): void {
  for (const key of keys) wanted.set(key, act);
}

/** Whether somebody acted upon a key. */
export function actOnKey(key: string): boolean {
  const act = wanted.get(key);
  return act !== undefined && act(key) !== false;
}
