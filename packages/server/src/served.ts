import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Dataset, WorkerPool } from "@fieldzip/core";
import { type LinkRule, openDataset, type PlainStore, plainStore } from "@fieldzip/io";
import { openRaw, type RawSource } from "./raw.js";

/** Milliseconds between two looks at whether an archive was replaced. */
const lookEveryMs = 1000;

/** An archive as it lay there at one time. */
export interface Opened {
  readonly dataset: Dataset;
  readonly plain: PlainStore;
  /** Undefined where the stored bytes cannot be offered: formats of several files, a remote `.zip`. */
  readonly raw: RawSource | undefined;
  /** Changes when the archive is replaced, and not when the server is started anew. */
  readonly identity: string;
}

/** An archive (or any dataset) that is served under a name, opened anew when it is replaced. */
export class Served {
  private opened: Promise<Opened> | undefined;
  private looked = 0;

  constructor(
    readonly name: string,
    readonly location: string,
    private readonly pool: WorkerPool | undefined,
    /** Where symbolic links in the archive's folder may lead. */
    private readonly links: LinkRule = "inside",
  ) {}

  /** Under which the stored bytes lie: readers tell a `.zip` by its name. */
  get rawName(): string {
    return /\.zip$/i.test(this.location) ? `${this.name}.zip` : this.name;
  }

  /** What lies there now. */
  async current(): Promise<Opened> {
    this.opened ??= this.open();
    const opened = this.opened;
    if (Date.now() - this.looked < lookEveryMs) return opened;
    this.looked = Date.now();
    const [before, stamp] = await Promise.all([opened, stampOf(this.location)]);
    if (stamp === undefined || before.identity.startsWith(stamp) || this.opened !== opened) {
      return this.opened ?? opened;
    }
    const anew = this.open();
    this.opened = anew;
    try {
      await anew;
      // Answers that are still on their way read to their end, or fail.
      setTimeout(() => void closeAll(before), 60_000).unref();
      return await anew;
    } catch {
      // Half-written, or gone: what is open stays, and is looked at again.
      this.opened = opened;
      return opened;
    }
  }

  async close(): Promise<void> {
    const opened = await this.opened?.catch(() => undefined);
    this.opened = undefined;
    if (opened) await closeAll(opened);
  }

  private async open(): Promise<Opened> {
    this.looked = Date.now();
    const stamp = (await stampOf(this.location)) ?? "";
    const { pool, links } = this;
    const dataset = await openDataset(this.location, { pool, links });
    try {
      const plain = plainStore(dataset);
      const root = createHash("sha256").update(plain.documents.get("zarr.json") ?? "");
      const isFile = await isOneFile(this.location);
      const isFolder = !isFile && ["archive", "zarr"].includes(dataset.format);
      const raw = isFile || isFolder ? await openRaw(this.location, isFile, links) : undefined;
      return { dataset, plain, raw, identity: `${stamp} ${root.digest("hex")}` };
    } catch (error) {
      await dataset.close();
      throw error;
    }
  }
}

async function closeAll({ dataset, raw }: Opened): Promise<void> {
  await dataset.close();
  await raw?.close();
}

/** Size and time of what is renamed into place when an archive is replaced; undefined for URLs. */
async function stampOf(location: string): Promise<string | undefined> {
  if (isUrl(location)) return undefined;
  for (const path of [join(location, "zarr.json"), location]) {
    const found = await stat(path).catch(() => undefined);
    if (found) return `${found.ino} ${found.size} ${found.mtimeMs}`;
  }
  return undefined;
}

async function isOneFile(location: string): Promise<boolean> {
  if (isUrl(location)) return false;
  return (await stat(location)).isFile();
}

function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

/** A name for each location: its last part, told apart where two are alike. */
export function servedNames(locations: readonly string[]): string[] {
  const taken = new Set<string>();
  return locations.map((location) => {
    const path = isUrl(location) ? decodeURIComponent(new URL(location).pathname) : location;
    const base = basename(path)
      .replace(/\.zip$/i, "")
      .replace(/[^\w.+=@-]/g, "_")
      .replace(/^\.*$/, "archive");
    let name = base;
    for (let k = 2; taken.has(name); k++) name = `${k}-${base}`;
    taken.add(name);
    return name;
  });
}
