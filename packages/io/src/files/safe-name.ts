import { FieldzipError } from "@fieldzip/core";

/**
 * Refuses a name from a file or an archive that is to become one entry of a folder and is not one:
 * `..`, a path, an empty name, control characters.
 */
export function checkEntryName(name: unknown, where: string): string {
  const control = (text: string) => [...text].some((c) => (c.codePointAt(0) ?? 0) < 32);
  if (
    typeof name === "string" &&
    name !== "" &&
    name !== "." &&
    name !== ".." &&
    name.length <= 255 &&
    !/[/\\]/.test(name) &&
    !control(name)
  ) {
    return name;
  }
  throw new FieldzipError("format", {
    where,
    expected: "a plain file name",
    found: JSON.stringify(name)?.slice(0, 80) ?? "nothing",
    remedy: "the input names a file outside its own folder; get it from a source you trust",
  });
}
