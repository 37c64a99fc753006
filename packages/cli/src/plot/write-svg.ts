import { writeFile } from "node:fs/promises";
import { FieldzipError } from "@fieldzip/core";
import { writeAside } from "@fieldzip/io";

/**
 * Prepares a picture's file: refused before any work where it exists (without `force`), cannot be written
 * or is no `.svg`.
 */
export async function prepareSvg(
  target: string,
  options: { force: boolean },
): Promise<(svg: string) => Promise<void>> {
  if (!/\.svg$/i.test(target)) {
    throw new FieldzipError("usage", {
      where: "--plot",
      expected: "a name that ends in .svg",
      found: JSON.stringify(target),
      remedy: "pictures are written as SVG; convert them elsewhere",
    });
  }
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
