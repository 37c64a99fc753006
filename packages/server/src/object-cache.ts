import { abortedError, FieldzipError } from "@fieldzip/core";
import type { ServerLimits } from "./limits.js";

/** Bytes that stay in memory until they are released. */
export interface Lease {
  readonly bytes: Uint8Array;
  /** To be called once, when the bytes were sent or nobody wants them any more. */
  release(): void;
}

interface Entry {
  readonly weight: number;
  readonly bytes: Promise<Uint8Array>;
  /** Who waits for the bytes or sends them. Only entries without any can go. */
  users: number;
}

interface Waiter {
  readonly weight: number;
  admit(): void;
}

/**
 * Decoded chunks: those being made, those being sent, and those kept for the next one who asks. All together weigh at
 * most `decodedBytes`; what finds no room waits. A chunk that several ask for is made once.
 */
export class ObjectCache {
  private readonly entries = new Map<string, Entry>();
  private readonly waiters: Waiter[] = [];
  private readonly queue: (() => void)[] = [];
  private weight = 0;
  private decoding = 0;

  constructor(
    private readonly limits: Pick<ServerLimits, "decodedBytes" | "decodes" | "waiting" | "chunkMs">,
  ) {}

  /** Bytes that are held now. */
  get bytes(): number {
    return this.weight;
  }

  /**
   * The object under `key`, made by `load` where it is not there. Rejects with `limit` where there is no room or time, and
   * with `aborted` where `gone` fires before its turn.
   */
  async acquire(
    key: string,
    weight: number,
    load: (signal: AbortSignal) => Promise<Uint8Array>,
    gone?: AbortSignal,
  ): Promise<Lease> {
    const known = this.entries.get(key);
    if (known) return this.use(key, known);
    if (weight > this.limits.decodedBytes) {
      throw tooBusy(`a chunk of ${weight} bytes`, `at most ${this.limits.decodedBytes} bytes`);
    }
    await this.makeRoom(weight);
    // Somebody else may have begun while this one waited, or nobody wants it any more.
    const other = this.entries.get(key);
    if (other || gone?.aborted) {
      this.weight -= weight;
      this.admitNext();
      if (other) return this.use(key, other);
      throw abortedError(gone);
    }
    const entry: Entry = { weight, bytes: this.load(load), users: 0 };
    this.entries.set(key, entry);
    return this.use(key, entry);
  }

  clear(): void {
    for (const [key, { users }] of this.entries) if (users === 0) this.remove(key);
  }

  private async use(key: string, entry: Entry): Promise<Lease> {
    entry.users++;
    let bytes: Uint8Array;
    try {
      bytes = await entry.bytes;
    } catch (error) {
      // What failed is not kept: the next one tries again.
      this.remove(key, entry);
      throw error;
    }
    let held = true;
    return {
      bytes,
      release: () => {
        if (!held) return;
        held = false;
        entry.users--;
        if (entry.users > 0 || this.entries.get(key) !== entry) return;
        // The last one used is the last one to go.
        this.entries.delete(key);
        this.entries.set(key, entry);
        this.admitNext();
      },
    };
  }

  private remove(key: string, entry = this.entries.get(key)): void {
    if (!entry || this.entries.get(key) !== entry) return;
    this.entries.delete(key);
    this.weight -= entry.weight;
    this.admitNext();
  }

  /** Sets `weight` aside, at once or when others let go. */
  private makeRoom(weight: number): Promise<void> {
    if (this.waiters.length === 0 && this.tryAdmit(weight)) return Promise.resolve();
    if (this.waiters.length >= this.limits.waiting) {
      throw tooBusy(`${this.waiters.length} requests waiting`, "fewer");
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        weight,
        admit() {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.waiters.splice(this.waiters.indexOf(waiter), 1);
        reject(tooBusy("no memory free", `some within ${this.limits.chunkMs} ms`));
        this.admitNext();
      }, this.limits.chunkMs);
      this.waiters.push(waiter);
    });
  }

  private tryAdmit(weight: number): boolean {
    for (const [key, { users }] of this.entries) {
      if (this.weight + weight <= this.limits.decodedBytes) break;
      if (users > 0) continue;
      this.weight -= this.entries.get(key)?.weight ?? 0;
      this.entries.delete(key);
    }
    if (this.weight + weight > this.limits.decodedBytes) return false;
    this.weight += weight;
    return true;
  }

  /** In the order in which they came: a large chunk is not passed by small ones for ever. */
  private admitNext(): void {
    while (this.waiters.length > 0 && this.tryAdmit(this.waiters[0].weight)) {
      this.waiters.shift()?.admit();
    }
  }

  private async load(load: (signal: AbortSignal) => Promise<Uint8Array>): Promise<Uint8Array> {
    if (this.decoding >= this.limits.decodes) {
      await new Promise<void>((resolve) => this.queue.push(resolve));
    } else {
      this.decoding++;
    }
    try {
      return await load(AbortSignal.timeout(this.limits.chunkMs));
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.decoding--;
    }
  }
}

function tooBusy(found: string, expected: string): FieldzipError {
  return new FieldzipError("limit", {
    where: "fieldzip serve",
    expected,
    found,
    remedy: "come back later, or serve with more --memory",
  });
}
