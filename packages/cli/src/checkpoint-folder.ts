import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { type Checkpoints, FieldzipError } from "@fieldzip/core";
import { replaceFile } from "@fieldzip/io";

/** Checkpoints of one archive: the folder `<archive>.checkpoint` beside it, a file an entry. */
export interface CheckpointFolder extends Checkpoints {
  readonly path: string;
  /** Whether it holds anything that a job can go on from. */
  readonly used: boolean;
  /** Removes the folder and what it holds: the job is done. */
  discard(): Promise<void>;
}

/** Entries of a checkpoint: nothing else is ever read or removed. */
const entryName = /^[\w.,-]{1,240}\.(json|stream|training)$/;

export interface CheckpointOptions {
  /** Go on from what is there. */
  readonly resume?: boolean;
  /** Throw away what is there. */
  readonly force?: boolean;
  /** Between two states of a training. Default 60. */
  readonly seconds?: number;
}

/**
 * Opens the checkpoint of the archive `target`; the folder is made with its first entry. Refused (`exists`) where an
 * earlier job left one, unless it is to be resumed or thrown away.
 */
export async function openCheckpoints(
  target: string,
  { resume = false, force = false, seconds = 60 }: CheckpointOptions = {},
): Promise<CheckpointFolder> {
  const path = `${target.replace(/[/\\]+$/, "")}.checkpoint`;
  const begun = (await entriesOf(path)).some((name) => !name.endsWith(".json"));
  if (begun && !resume) {
    if (!force) {
      throw new FieldzipError("exists", {
        where: path,
        found: "the checkpoint of an interrupted job",
        remedy: "go on with --resume, or begin afresh with --force",
      });
    }
  }
  if (!resume) await discard();
  if (resume) await removeLeftOvers(path, target);
  let signed = false;

  async function discard(): Promise<void> {
    for (const name of await entriesOf(path)) await rm(join(path, name), { force: true });
    // Not what somebody else has put there.
    await rmdir(path).catch(() => {});
  }

  return {
    ...{ path, seconds, used: begun && resume, discard },
    async read(name) {
      const bytes = await readFile(join(path, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
        throw unreadable(join(path, name), error);
      });
      return bytes && new Uint8Array(bytes);
    },
    async write(name, bytes) {
      if (!signed) {
        await mkdir(path, { recursive: true });
        const owner: Owner = { host: hostname(), process: process.pid };
        await replaceFile(join(path, OWNER), JSON.stringify(owner));
        signed = true;
      }
      await replaceFile(join(path, name), bytes);
    },
    remove: (name) => rm(join(path, name), { force: true }),
  };
}

/** Who writes the checkpoint. */
interface Owner {
  readonly host: string;
  readonly process: number;
}
const OWNER = "owner.json";

/** What a process that was killed has left of the archive that it was writing: it begins anew in any case. */
async function removeLeftOvers(path: string, target: string): Promise<void> {
  const text = await readFile(join(path, OWNER), "utf8").catch(() => "{}");
  const { host, process: number } = JSON.parse(text) as Partial<Owner>;
  if (host !== hostname() || number === undefined || isAlive(number)) return;
  const folder = dirname(resolve(target));
  const left = `.${basename(target)}.partial-${number}-`;
  for (const name of await readdir(folder)) {
    if (name.startsWith(left)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(number: number): boolean {
  try {
    process.kill(number, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

async function entriesOf(path: string): Promise<string[]> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw unreadable(path, error);
  });
  return names.filter((name) => entryName.test(name));
}

function unreadable(where: string, cause: NodeJS.ErrnoException): FieldzipError {
  return new FieldzipError(
    "io",
    { where, found: cause.message, remedy: "make the checkpoint readable, or remove it" },
    cause,
  );
}
