import { openHttp, openHttpFile } from "./http.js";
import type { ReadableStore } from "./store.js";
import { openZip } from "./zip.js";

export function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

/** Opens a folder of objects or a `.zip` behind an http(s) URL. Needs nothing of Node. */
export async function openUrl(location: string, signal?: AbortSignal): Promise<ReadableStore> {
  if (!/\.zip$/i.test(new URL(location).pathname)) return openHttp(location);
  return openZip(await openHttpFile(location, signal), location, signal);
}
