import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { abortedError, FieldzipError } from "@fieldzip/core";
import type { BenchField, Codec, Measured } from "./codecs.js";

/** The compressors of others that a Python has, measured in its process by `peers.py`. */
export interface Peers {
  readonly codecs: readonly Codec[];
  /** Name of a codec that is not there -> what pip would have to install. */
  readonly missing: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface Listing {
  readonly codecs: readonly string[];
  readonly missing: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** The same place seen from `src` and from `dist`. */
const script = fileURLToPath(new URL("../../peers.py", import.meta.url));
/** Importing nothing but the standard library and numpy takes a second at most. */
const startMs = 30_000;

/**
 * Starts `python` with the peers' script. Undefined where there is no such Python; an error where
 * one was asked for by name (`required`).
 */
export async function startPeers(
  python: string,
  options: { required?: boolean; signal?: AbortSignal } = {},
): Promise<Peers | undefined> {
  const { required = false, signal } = options;
  const { ask, close } = converse(python, signal);
  let listing: Listing;
  try {
    listing = (await ask({ list: true }, startMs)) as unknown as Listing;
  } catch (error) {
    await close();
    if (signal?.aborted) throw abortedError(signal);
    if (!required) return undefined;
    throw new FieldzipError(
      "usage",
      {
        where: `Python ${python}`,
        expected: "a Python 3.9 or newer",
        found: error instanceof Error ? error.message : String(error),
        remedy: "give one with --python, or leave the peers out",
      },
      error,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "fieldzip-bench-")).catch(async (error) => {
    await close();
    throw new FieldzipError(
      "io",
      {
        where: tmpdir(),
        expected: "a folder for temporary files",
        found: error instanceof Error ? error.message : String(error),
        remedy: "set TMPDIR to a folder that can be written",
      },
      error,
    );
  });
  let written: { field: BenchField; path: string } | undefined;
  let files = 0;
  /** Every codec of a field reads the same file. */
  const pathOf = async (field: BenchField) => {
    if (written?.field === field) return written.path;
    if (written) await rm(written.path);
    const path = join(folder, `field-${files++}.raw`);
    const { buffer, byteOffset, byteLength } = field.values;
    written = { field, path };
    await writeFile(path, new Uint8Array(buffer, byteOffset, byteLength));
    return path;
  };
  return {
    missing: listing.missing,
    versions: listing.versions,
    codecs: listing.codecs.map((name) => ({
      name,
      ours: false,
      async measure(field, least) {
        const { dataType, shape } = field;
        const path = await pathOf(field);
        const answer = await ask({ codec: name, path, dtype: dataType, shape, least });
        if (typeof answer.error === "string") throw new Error(answer.error);
        return answer as unknown as Measured;
      },
    })),
    async close() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One request a line, one answer a line, one after another; the process ends with the signal. */
function converse(python: string, signal: AbortSignal | undefined) {
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "ignore"] });
  let failure: Error | undefined;
  let pending: { resolve(answer: Record<string, unknown>): void; reject(error: Error): void };
  const fail = (error: Error) => {
    failure ??= error;
    pending?.reject(failure);
  };
  const kill = () => {
    fail(abortedError(signal!));
    child.kill("SIGKILL");
  };
  signal?.addEventListener("abort", kill, { once: true });
  const ended = new Promise<void>((resolve) => {
    child.on("error", (error) => {
      fail(error);
      resolve();
    });
    child.on("close", (code) => {
      fail(new Error(`it ended with code ${code}`));
      resolve();
    });
  });
  // A process that is gone cannot be written to; `close` says so.
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    try {
      pending?.resolve(JSON.parse(line));
    } catch {
      fail(new Error(`it answered ${JSON.stringify(line.slice(0, 80))}`));
    }
  });
  return {
    ask(request: object, withinMs?: number): Promise<Record<string, unknown>> {
      if (failure) return Promise.reject(failure);
      return new Promise<Record<string, unknown>>((resolve, reject) => {
        const timer = withinMs
          ? setTimeout(() => fail(new Error(`no answer in ${withinMs / 1000} s`)), withinMs)
          : undefined;
        const settle =
          <Value>(action: (value: Value) => void) =>
          (value: Value) => {
            clearTimeout(timer);
            action(value);
          };
        pending = { resolve: settle(resolve), reject: settle(reject) };
        child.stdin.write(`${JSON.stringify(request)}\n`);
      });
    },
    async close() {
      signal?.removeEventListener("abort", kill);
      child.stdin.end();
      child.kill();
      await ended;
    },
  };
}
