import type { SideName } from "../data/session.js";
import { type Dropped, keepDropped } from "../data/source.js";
import { element } from "../dom/element.js";
import type { Page } from "../page.js";

/** Opens archives that are dropped on the page: the first as a where there is none yet, the next as b. */
export function acceptDrops(page: Page, body: HTMLElement): void {
  body.addEventListener("dragover", (event) => {
    event.preventDefault();
    body.classList.add("dropping");
  });
  body.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) body.classList.remove("dropping");
  });
  body.addEventListener("drop", async (event) => {
    event.preventDefault();
    body.classList.remove("dropping");
    // Both are gone once something is waited for.
    const items = [...(event.dataTransfer?.items ?? [])].map((item) => ({
      entry: item.webkitGetAsEntry(),
      file: item.getAsFile(),
    }));
    for (const { entry, file } of items.slice(0, 2)) {
      const dropped = entry?.isDirectory
        ? await filesBelow(entry as FileSystemDirectoryEntry)
        : file;
      const name = entry?.name ?? file?.name;
      if (!dropped || name === undefined) continue;
      show(page, keepDropped(name, dropped), page.view.current.a === undefined ? "a" : "b");
    }
  });
}

/** Asks for a `.zip` of an archive. */
export function chooseFile(page: Page, side: SideName): void {
  const input = element("input", { type: "file", accept: ".zip" });
  input.onchange = () => {
    const file = input.files?.[0];
    if (file) show(page, keepDropped(file.name, file), side);
  };
  input.click();
}

/** Shows a location on a side; what was chosen for another dataset is forgotten. */
export function show({ view }: Page, location: string, side: SideName): void {
  if (side === "a") view.change({ a: location, step: 0, cursor: undefined, range: undefined });
  else view.change({ b: location });
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function filesBelow(folder: FileSystemDirectoryEntry): Promise<Dropped> {
  const files = new Map<string, File>();
  const walk = async (one: FileSystemDirectoryEntry, path: string): Promise<void> => {
    const reader = one.createReader();
    for (;;) {
      // Browsers hand out a hundred entries at a time.
      const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      );
      if (entries.length === 0) return;
      for (const entry of entries) {
        const key = path + entry.name;
        if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, `${key}/`);
        else files.set(key, await fileOf(entry as FileSystemFileEntry));
      }
    }
  };
  await walk(folder, "");
  return files;
}
