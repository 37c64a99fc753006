/** Where threads of one training wait for each other: integers in the memory that they share. */

/** Threads that have come to the start, or CLOSED. */
const START = 0;
const CLOSED = -1;
/** Threads that wait at the barrier, how often it has opened, and whether a thread has failed. */
const WAITING = 1;
const OPENED = 2;
const FAILED = 3;
const WORDS = 4;

/** Turns of looking before a thread lies down: some tens of microseconds, about what waking it up would take. */
const LOOKS = 2000;
/** A thread that does not come in this time will not come. */
const START_MILLISECONDS = 2000;
const BARRIER_MILLISECONDS = 120_000;

/** For the threads' next work. To be called when none of them is at it. */
export function prepareMeeting(memory: WebAssembly.Memory, at: number): void {
  wordsOf(memory, at).fill(0);
}

export interface Meeting {
  /** Whether all have come: they can only wait for each other where all of them run. To be called once. */
  start(): boolean;
  /** Waits for all. Throws where one has failed. */
  barrier(): void;
  /** Lets the others know that this one does not go on. */
  fail(): void;
}

export function joinMeeting(memory: WebAssembly.Memory, at: number, threads: number): Meeting {
  const words = wordsOf(memory, at);
  const fail = () => {
    Atomics.store(words, FAILED, 1);
    Atomics.notify(words, OPENED);
  };
  return {
    fail,
    start() {
      for (;;) {
        const come = Atomics.load(words, START);
        if (come === CLOSED) return false;
        if (Atomics.compareExchange(words, START, come, come + 1) === come) break;
      }
      Atomics.notify(words, START);
      const until = performance.now() + START_MILLISECONDS;
      for (;;) {
        const come = Atomics.load(words, START);
        if (come === CLOSED) return false;
        if (come === threads) return true;
        const left = until - performance.now();
        if (left > 0) Atomics.wait(words, START, come, left);
        else if (Atomics.compareExchange(words, START, come, CLOSED) === come) {
          Atomics.notify(words, START);
          return false;
        }
      }
    },
    barrier() {
      const opened = Atomics.load(words, OPENED);
      if (Atomics.add(words, WAITING, 1) === threads - 1) {
        Atomics.store(words, WAITING, 0);
        Atomics.add(words, OPENED, 1);
        Atomics.notify(words, OPENED);
        return;
      }
      for (let look = 0; look < LOOKS; look++) {
        if (Atomics.load(words, OPENED) !== opened) return;
      }
      while (Atomics.load(words, OPENED) === opened) {
        if (Atomics.wait(words, OPENED, opened, BARRIER_MILLISECONDS) === "timed-out") fail();
        if (Atomics.load(words, FAILED)) throw new Error("a thread of this training has failed");
      }
    },
  };
}

function wordsOf(memory: WebAssembly.Memory, at: number): Int32Array {
  return new Int32Array(memory.buffer, at, WORDS);
}
