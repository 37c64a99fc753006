/**
 * Calls actions when signals fire, with one listener a signal however many actions wait for it: Node
 * warns of a leak from eleven listeners on, and a pool's queue is longer.
 */
export class AbortListeners {
  private readonly waiting = new Map<AbortSignal, { actions: Set<() => void>; stop(): void }>();

  /** Returns what takes the action back. */
  add(signal: AbortSignal | undefined, action: () => void): () => void {
    if (!signal) return () => {};
    const entry = this.waiting.get(signal) ?? this.listen(signal);
    entry.actions.add(action);
    return () => {
      entry.actions.delete(action);
      if (entry.actions.size > 0 || this.waiting.get(signal) !== entry) return;
      this.waiting.delete(signal);
      entry.stop();
    };
  }

  private listen(signal: AbortSignal) {
    const actions = new Set<() => void>();
    const fire = () => {
      this.waiting.delete(signal);
      for (const action of [...actions]) action();
    };
    signal.addEventListener("abort", fire, { once: true });
    const entry = { actions, stop: () => signal.removeEventListener("abort", fire) };
    this.waiting.set(signal, entry);
    return entry;
  }
}
