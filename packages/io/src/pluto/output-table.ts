import { FieldzipError } from "@fieldzip/core";
import type { ByteOrder } from "../files/flat.js";
import { checkEntryName } from "../files/safe-name.js";
import { scientific } from "./grid.js";

/** `flt`: float32 output, `dbl`: float64 output (what PLUTO restarts from). */
export type Precision = "flt" | "dbl";
export const precisions = ["flt", "dbl"] as const;

/** One line of `flt.out` or `dbl.out`. */
export interface OutputRecord {
  readonly number: number;
  readonly time: number;
  readonly dt: number;
  /** Number of the integration step. */
  readonly step: number;
  readonly files: "single_file" | "multiple_files";
  readonly byteOrder: ByteOrder;
  /** Names in the order of the file. */
  readonly variables: readonly string[];
}

/** Parses `flt.out` or `dbl.out`. A number that comes twice (after a restart) counts as its last line says. */
export function parseOutputTable(text: string, path: string): OutputRecord[] {
  const records = new Map<number, OutputRecord>();
  text.split("\n").forEach((line, index) => {
    const words = line.trim().split(/\s+/);
    if (words.length === 1 && words[0] === "") return;
    const where = `${path}, line ${index + 1}`;
    const [number, time, dt, step, files, byteOrder, ...variables] = words;
    const numbers = [number, time, dt, step].map(parseNumber);
    const valid =
      /^\d{1,9}$/.test(number) &&
      /^[+-]?\d{1,15}$/.test(step ?? "") &&
      numbers.every((value) => value !== undefined) &&
      (files === "single_file" || files === "multiple_files") &&
      (byteOrder === "little" || byteOrder === "big") &&
      variables.length > 0 &&
      new Set(variables).size === variables.length;
    if (!valid) {
      throw new FieldzipError("format", {
        where,
        expected: '"number time dt step single_file|multiple_files little|big VAR..."',
        found: JSON.stringify(line.slice(0, 80)),
        remedy: "the file is damaged or not PLUTO's; take the one from the run's folder",
      });
    }
    for (const name of variables) checkEntryName(name, where);
    const [count, seconds, increment, integration] = numbers as number[];
    records.set(count, {
      number: count,
      time: seconds,
      dt: increment,
      step: integration,
      files: files as OutputRecord["files"],
      byteOrder: byteOrder as ByteOrder,
      variables,
    });
  });
  return [...records.values()].sort((a, b) => a.number - b.number);
}

/** C's `%e`, which says nan and inf where a run went wrong. */
function parseNumber(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  if (/^[+-]?nan$/i.test(word)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(word) ? Number(word) : undefined;
}

/** One line as PLUTO writes it. */
export function formatOutputRecord(record: OutputRecord): string {
  const { number, time, dt, step, files, byteOrder, variables } = record;
  const words = [number, scientific(time, 6), scientific(dt, 6), step, files, byteOrder];
  return `${[...words, ...variables].join(" ")} \n`;
}

/** `data.0012.flt`, `rho.0012.flt`. */
export function dataFileName(
  record: Pick<OutputRecord, "number" | "files">,
  variable: string,
  precision: Precision,
): string {
  const stem = record.files === "single_file" ? "data" : variable;
  return `${stem}.${String(record.number).padStart(4, "0")}.${precision}`;
}
