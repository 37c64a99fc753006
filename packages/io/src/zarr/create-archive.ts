import { type ArchiveSink, throwIfAborted } from "@fieldzip/core";
import { createStore } from "../store/open.js";
import { createArchiveIn } from "./archive-writer.js";

export interface CreateArchiveOptions {
  /** Replace what stands under the target's name, at the moment of publishing. Default: refuse. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Prepares to write an archive: a folder, or a zip where `target` ends in `.zip`. Refused at once
 * (`exists`) where something stands there already. Nothing is visible before `publish`.
 */
export async function createArchive(
  target: string,
  options: CreateArchiveOptions = {},
): Promise<ArchiveSink> {
  throwIfAborted(options.signal);
  return createArchiveIn(await createStore(target, options), options);
}
