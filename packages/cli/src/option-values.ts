import { FieldzipError, type Selection } from "@fieldzip/core";
import type { OptionValues } from "./commands/command.js";

/** Turns the text of a flag into its value, or says what was expected. */

export function textOf(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/** A whole number from `low` to `high`. */
export function integerOf(
  options: OptionValues,
  name: string,
  low: number,
  high: number,
): number | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= low && value <= high) return value;
  throw wrong(name, `a whole number from ${low} to ${high}`, text);
}

/** A number above `low`, at most `high`. */
export function numberOf(
  options: OptionValues,
  name: string,
  { above = 0, most = Number.MAX_VALUE }: { above?: number; most?: number } = {},
): number | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && value > above && value <= most) return value;
  const limit = most === Number.MAX_VALUE ? "" : `, at most ${most}`;
  throw wrong(name, `a number above ${above}${limit}`, text);
}

/** `90`, `90s`, `10m`, `1.5h`: seconds. */
export function durationOf(options: OptionValues, name: string): number | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const found = /^(\d{1,9}(?:\.\d{1,6})?)\s*(s|m|min|h)?$/.exec(text);
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };
  const seconds = found ? Number(found[1]) * units[found[2] ?? "s"] : 0;
  if (seconds > 0) return seconds;
  throw wrong(name, "a time such as 90s, 10m or 1.5h", text);
}

/** `64MB`, `1.5 GB`, `4096`: bytes, decimal units. */
export function sizeOf(options: OptionValues, name: string): number | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const found = /^(\d{1,15}(?:\.\d{1,9})?)\s*([kMGT]?)B?$/i.exec(text);
  const powers: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
  const bytes = found ? Number(found[1]) * powers[found[2].toLowerCase()] : 0;
  if (bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER) return Math.floor(bytes);
  throw wrong(name, "a size in bytes, kB, MB or GB, such as 64MB", text);
}

/** `72,96,128` (or `72x96x128`); an empty text is the shape of a scalar. */
export function shapeOf(options: OptionValues, name: string): number[] | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const parts = text === "" ? [] : text.split(/[,x]/);
  if (parts.every((part) => /^\d{1,15}$/.test(part))) return parts.map(Number);
  throw wrong(name, "sizes, slowest axis first, such as 72,96,128", text);
}

/** `rho,vx1` */
export function namesOf(options: OptionValues, name: string): string[] | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const names = text.split(",").map((part) => part.trim());
  if (names.every((part) => part !== "")) return names;
  throw wrong(name, "names separated by commas", text);
}

export function choiceOf<Choice extends string>(
  options: OptionValues,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = textOf(options, name);
  if (text === undefined || choices.includes(text as Choice)) return text as Choice | undefined;
  throw wrong(name, `one of ${choices.join(", ")}`, text);
}

/** `step=3,z=10:20`: an index, or a range whose end is exclusive. */
export function selectionOf(options: OptionValues, name: string): Selection | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const selection: Record<string, number | [number, number]> = {};
  for (const part of text.split(",")) {
    const found = /^\s*([^=\s]+)\s*=\s*(\d{1,15})(?::(\d{1,15}))?\s*$/.exec(part);
    if (!found || Object.hasOwn(selection, found[1])) {
      throw wrong(
        name,
        "each dimension once, as an index or from:to, such as step=3,z=10:20",
        text,
      );
    }
    const [, dimension, from, to] = found;
    // Not plain assignment: a dimension may be called __proto__.
    Object.defineProperty(selection, dimension, {
      value: to === undefined ? Number(from) : [Number(from), Number(to)],
      enumerable: true,
    });
  }
  return selection;
}

/** `0:32,0:32,10:20`: a part of the last axes; ends are exclusive. */
export function boxOf(options: OptionValues, name: string): [number, number][] | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  return text.split(",").map((part) => {
    const found = /^\s*(\d{1,15}):(\d{1,15})\s*$/.exec(part);
    if (found) return [Number(found[1]), Number(found[2])];
    throw wrong(name, "from:to for the last axes, slowest first, such as 0:32,0:32,10:20", text);
  });
}

/** `vx1,vx2,vx3` or several of them, `vx1,vx2,vx3:Bx1,Bx2,Bx3`. */
export function vectorsOf(options: OptionValues, name: string): string[][] | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  const vectors = text.split(":").map((vector) => vector.split(",").map((part) => part.trim()));
  if (vectors.flat().every((part) => part !== "")) return vectors;
  throw wrong(name, "components separated by commas, vectors by a colon", text);
}

/** A number that may be 0 or have a fraction. */
export function positionOf(options: OptionValues, name: string): number | undefined {
  const text = textOf(options, name);
  if (text === undefined) return undefined;
  if (/^\d{1,15}(\.\d*)?$/.test(text)) return Number(text);
  throw wrong(name, "a number from 0 on, such as 2.5", text);
}

export function wrong(name: string, expected: string, found: string): FieldzipError {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return new FieldzipError("usage", {
    where: flag,
    expected,
    found: JSON.stringify(found),
    remedy: "see fieldzip help for what each flag takes",
  });
}
