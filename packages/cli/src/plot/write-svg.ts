import { writeFile } from "node:fs/promises";
import { FieldzipError } from "@fieldzip/core";
import { writeAside } from "@fieldzip/io";

/** Throws `usage` for a name of another kind of picture. */
export function checkSvgName(target: string, flag: string): void {
  if (/\.svg$/i.test(target)) return;
  throw new FieldzipError("usage", {
    where: flag,
    expected: "a name that ends in .svg",
    found: JSON.stringify(target),
    remedy: "pictures are written as SVG; convert them elsewhere",
  });
}

/**
 * Prepares a picture's file: refused before any work where it exists (without `force`), cannot be written
 * or is no `.svg`.
 */
export async function prepareSvg(
  target: string,
  options: { force: boolean },
): Promise<(svg: string) => Promise<void>> {
  checkSvgName(target, "--plot");
  const output = await writeAside(target, options);
  return async (svg) => {
    try {
      await writeFile(output.path, svg);
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
