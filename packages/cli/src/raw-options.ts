import { FieldzipError } from "@fieldzip/core";
import type { OpenOptions } from "@fieldzip/io";
import type { OptionDescription, OptionValues } from "./commands/command.js";
import { choiceOf, integerOf, namesOf, shapeOf, textOf, wrong } from "./option-values.js";

/** Flags that say about a file what it does not say itself. */
export const rawOptions: readonly OptionDescription[] = [
  { flags: "--shape <sizes>", help: "raw file: sizes, slowest axis first, such as 72,96,128" },
  { flags: "--dtype <type>", help: "raw file: f32, f64, i8 to i64 or u8 to u64" },
  { flags: "--byte-order <order>", help: "raw file: little or big (default: little)" },
  { flags: "--offset <bytes>", help: "raw file: bytes before the first value (default: 0)" },
  { flags: "--dimensions <names>", help: "raw file: names of the axes, such as z,y,x" },
  { flags: "--name <name>", help: "raw file, .npy: name of the variable (default: file's)" },
  {
    flags: "--fill-value <list>",
    help: "what stands for missing values where no attribute says so: -9999, or T=-9999,S=1e20",
  },
  { flags: "--precision <which>", help: "PLUTO: only flt or only dbl outputs (default: all)" },
].map((option) => ({ ...option, group: "Files that do not say what they hold" }));

export function openOptionsOf(options: OptionValues): OpenOptions {
  const shape = shapeOf(options, "shape");
  const dtype = textOf(options, "dtype");
  const raw = {
    byteOrder: choiceOf(options, "byteOrder", ["little", "big"] as const),
    offset: integerOf(options, "offset", 0, Number.MAX_SAFE_INTEGER),
    dimensions: namesOf(options, "dimensions"),
  };
  const name = textOf(options, "name");
  const fillValues = fillValuesOf(options);
  const precision = choiceOf(options, "precision", ["flt", "dbl"] as const);
  const some = shape ?? dtype ?? Object.values(raw).find((value) => value !== undefined);
  if (some !== undefined && (shape === undefined || dtype === undefined)) {
    throw new FieldzipError("usage", {
      where: shape === undefined ? "--shape" : "--dtype",
      expected: "both --shape and --dtype for a raw file",
      found: `no ${shape === undefined ? "--shape" : "--dtype"}`,
      remedy: "describe the raw file, as in --shape 72,96,128 --dtype f32",
    });
  }
  const given = Object.entries({ shape, dtype, ...raw, name, precision, fillValues });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** `-9999`, of all fields, or `T=-9999,S=1e20`. */
function fillValuesOf(options: OptionValues): OpenOptions["fillValues"] {
  const entries = namesOf(options, "fillValue")?.map((entry) => {
    const at = entry.lastIndexOf("=");
    const [name, text] = at < 0 ? ["*", entry] : [entry.slice(0, at), entry.slice(at + 1)];
    const value = Number(text);
    if (name !== "" && text !== "" && Number.isFinite(value)) return [name, value] as const;
    throw wrong("fillValue", "a number, or NAME=NUMBER,...", textOf(options, "fillValue")!);
  });
  return entries && Object.fromEntries(entries);
}
