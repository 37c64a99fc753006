import type { CheckedOptions } from "./check-options.js";
import { FieldzipError } from "./errors.js";
import type { PlannedArray } from "./plan.js";

/** Where a long job keeps what it would not do twice. An entry is whole or absent; writing replaces it at once. */
export interface Checkpoints {
  /** Seconds between two states of a training. */
  readonly seconds: number;
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
}

const JOB = "job.json";

/** Notes what the job is, or throws `usage` where another one has been begun here. */
export async function checkJob(
  checkpoints: Checkpoints,
  { guarantee, predictor, seconds, trained }: CheckedOptions,
  arrays: readonly PlannedArray[],
): Promise<void> {
  const job = JSON.stringify(
    {
      ...{ guarantee, predictor, seconds, settings: trained?.settings },
      arrays: arrays.map(({ plan: { path, dataType, shape, chunk }, members }) => ({
        ...{ path, dataType, shape, chunk, members: members.map(({ name }) => name) },
      })),
    },
    undefined,
    2,
  );
  const found = await checkpoints.read(JOB);
  if (!found) return checkpoints.write(JOB, new TextEncoder().encode(job));
  const begun = new TextDecoder().decode(found);
  if (begun === job) return;
  const [was, is] = [begun.split("\n"), job.split("\n")];
  const line = was.findIndex((text, k) => text !== is[k]);
  throw otherJob("checkpoint, options", was[line] ?? "less", is[line] ?? "less");
}

/** What is kept of one chunk: its stream, or else the state of its training. */
export interface ChunkCheckpoints {
  readonly training: TrainingCheckpoint;
  stream(): Promise<Uint8Array | undefined>;
  /** The chunk is done: the state of its training goes. */
  finish(stream: Uint8Array): Promise<void>;
}

/** The state of one training. */
export interface TrainingCheckpoint {
  /** Between two writes. */
  readonly seconds: number;
  read(): Promise<Uint8Array | undefined>;
  write(state: Uint8Array): Promise<void>;
}

/** Entries begin with the checksum of the chunk's values; reading throws `usage` where those are others now. */
export function chunkCheckpoints(
  all: Checkpoints,
  chunk: string,
  checksum: number,
): ChunkCheckpoints {
  const [stream, training] = ["stream", "training"].map((kind) => ({
    async read() {
      const bytes = await all.read(`${chunk}.${kind}`);
      if (!bytes) return undefined;
      const found = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
      if (found === checksum) return bytes.slice(4);
      throw otherJob(`checkpoint, chunk ${chunk}`, hex(found), `${hex(checksum)} as its checksum`);
    },
    write(bytes: Uint8Array) {
      const whole = new Uint8Array(4 + bytes.length);
      new DataView(whole.buffer).setUint32(0, checksum, true);
      whole.set(bytes, 4);
      return all.write(`${chunk}.${kind}`, whole);
    },
  }));
  return {
    training: { seconds: all.seconds, ...training },
    stream: stream.read,
    async finish(bytes) {
      await stream.write(bytes);
      await all.remove(`${chunk}.training`);
    },
  };
}

function hex(checksum: number): string {
  return `0x${checksum.toString(16).padStart(8, "0")}`;
}

function otherJob(where: string, expected: string, found: string): FieldzipError {
  return new FieldzipError("usage", {
    where,
    expected: expected.trim(),
    found: found.trim(),
    remedy: "go on with the input and the options that it was begun with, or start afresh",
  });
}
