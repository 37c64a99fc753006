import { writeFile } from "node:fs/promises";
import { FieldzipError } from "@fieldzip/core";
import { writeAside } from "@fieldzip/io";

/**
 * Prepares a picture's file, `.svg` or `.png`: refused before any work where it exists (without `force`),
 * cannot be written or is named otherwise.
 */
export async function preparePicture(
  target: string,
  options: { force: boolean },
): Promise<(svg: string) => Promise<void>> {
  const write = await prepareFile(target, {
    ...options,
    flag: "--plot",
    endings: [".svg", ".png"],
  });
  if (!/\.png$/i.test(target)) return write;
  return async (svg) => write(await (await import("./rasterise.js")).rasterise(svg));
}

/** Throws `usage` where the name is not that of such a file. */
export function checkEnding(target: string, flag: string, endings: readonly string[]): void {
  if (endings.some((ending) => target.toLowerCase().endsWith(ending))) return;
  throw new FieldzipError("usage", {
    where: flag,
    expected: `a name that ends in ${endings.join(" or ")}`,
    found: JSON.stringify(target),
    remedy: "convert it elsewhere to anything else",
  });
}

/** Prepares a file that is written whole at the end, such as one that a flag names. */
export async function prepareFile(
  target: string,
  {
    force,
    flag,
    endings,
  }: { readonly force: boolean; readonly flag: string; readonly endings: readonly string[] },
): Promise<(content: string | Uint8Array) => Promise<void>> {
  checkEnding(target, flag, endings);
  const output = await writeAside(target, { force });
  return async (content) => {
    try {
      await writeFile(output.path, content);
    } catch (error) {
      await output.discard();
      throw new FieldzipError(
        "io",
        {
          where: target,
          found: error instanceof Error ? error.message : String(error),
          remedy: "choose a place with room that can be written",
        },
        error,
      );
    }
    await output.publish();
  };
}
