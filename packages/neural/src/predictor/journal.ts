/**
 * What a job has found out so far, kept in a checkpoint. A resumed job runs through the same code; what stands in the
 * journal is taken from there instead of being done, or measured, again.
 */
import type { TrainingCheckpoint } from "@fieldzip/core";
import { packPlain, unpackPlain } from "../plain-data.js";

export interface Journal {
  /** The entry of that name, or else what `compute` gives, which becomes the entry: plain data. */
  remember<T>(name: string, compute: () => Promise<T>): Promise<T>;
  /** What `keep` was given last for that name. */
  kept<T>(name: string): T | undefined;
  /** Keeps plain data until `remember` has the entry of that name. Written where it is time for it. */
  keep(name: string, value: unknown): Promise<void>;
  /** Seconds that the job has taken until now, those of earlier runs among them. */
  spent(): number;
  /** Writes what is kept and not written yet. */
  flush(): Promise<void>;
}

interface State {
  readonly entries: Record<string, unknown>;
  /** What it had taken when this was written. */
  seconds?: number;
  /** What is under way. */
  underWay?: { readonly name: string; readonly value: unknown };
}

/** Without checkpoints nothing is kept and everything computed. */
export async function openJournal(checkpoint: TrainingCheckpoint | undefined): Promise<Journal> {
  const found = await checkpoint?.read();
  const state: State = found ? (unpackPlain(found) as State) : { entries: {} };
  const [started, before] = [performance.now(), state.seconds ?? 0];
  const spent = () => before + (performance.now() - started) / 1000;
  let written = started;
  let behind = false;

  async function write(): Promise<void> {
    state.seconds = spent();
    await checkpoint?.write(packPlain(state));
    written = performance.now();
    behind = false;
  }

  return {
    spent,
    async remember<T>(name: string, compute: () => Promise<T>) {
      if (Object.hasOwn(state.entries, name)) return state.entries[name] as T;
      const value = await compute();
      state.entries[name] = value;
      state.underWay = undefined;
      await write();
      return value;
    },
    kept<T>(name: string) {
      return state.underWay?.name === name ? (state.underWay.value as T) : undefined;
    },
    async keep(name, value) {
      if (!checkpoint) return;
      state.underWay = { name, value };
      behind = true;
      if (performance.now() - written >= 1000 * checkpoint.seconds) await write();
    },
    async flush() {
      if (behind) await write();
    },
  };
}
