import { type Dataset, FieldzipError, type Json, type VariableSource } from "@fieldzip/core";
import { checkEntryName } from "../files/safe-name.js";
import { recordOf, variableOriginal } from "../original.js";
import type { Role } from "./series.js";

/** What is kept about one series of files: `original` of a dataset of steps, checked. */
export interface KeptSeries {
  readonly format: string;
  readonly original: Json | undefined;
  readonly files: readonly string[];
  readonly joined: string | undefined;
  readonly records: readonly number[] | undefined;
  readonly stacked: string | undefined;
  readonly attributes: Json | undefined;
  readonly originals: Json | undefined;
  readonly variables: readonly KeptVariable[];
}

export interface KeptVariable {
  readonly source: VariableSource;
  /** Name in the files. */
  readonly name: string;
  readonly role: Role;
  /** `VariableSource.original` in a file. */
  readonly originalIn: (file: number) => Json | undefined;
}

/**
 * The series that a dataset was joined from. Undefined where it no longer says so (a part of it,
 * say); a typed error where it contradicts itself.
 */
export function keptSeries(dataset: Dataset, original: Json | undefined): KeptSeries[] | undefined {
  const list = recordOf(original)?.series;
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const variables = dataset.variables.flatMap(({ source }) => {
    const kept = variableOriginal(source.original, "steps");
    return kept ? [{ source, kept }] : [];
  });
  if (variables.length === 0) return undefined;
  const names = new Set<string>();
  return list.map((entry, index) => {
    const where = `${dataset.location}, series ${index}`;
    const record = recordOf(entry);
    const { files, records } = record ?? {};
    if (
      !record ||
      typeof record.format !== "string" ||
      !Array.isArray(files) ||
      files.length === 0
    ) {
      throw contradiction(where, "a format and the names of files", JSON.stringify(entry));
    }
    for (const file of files) {
      const name = checkEntryName(file, where);
      if (names.has(name)) throw contradiction(where, "different file names", name);
      names.add(name);
    }
    const counts = Array.isArray(records)
      ? records.filter((n): n is number => Number.isSafeInteger(n) && (n as number) >= 0)
      : undefined;
    if (counts && counts.length !== files.length) {
      throw contradiction(where, `${files.length} sizes`, `${counts.length}`);
    }
    const own = variables.filter(({ kept }) => kept.series === index);
    return {
      format: record.format,
      original: record.original,
      files: files as string[],
      joined: typeof record.joined === "string" ? record.joined : undefined,
      records: counts,
      stacked: typeof record.stacked === "string" ? record.stacked : undefined,
      attributes: record.attributes,
      originals: record.originals,
      variables: own.map(({ source, kept }) =>
        keptVariable(source, kept, files.length, counts, where),
      ),
    };
  });
}

function keptVariable(
  source: VariableSource,
  kept: { [key: string]: Json },
  files: number,
  records: readonly number[] | undefined,
  where: string,
): KeptVariable {
  const { role, name } = kept;
  const total = records?.reduce((sum, count) => sum + count, 0);
  const valid =
    typeof name === "string" &&
    (role === "once" ||
      (role === "stacked" && source.shape[0] === files) ||
      (role === "joined" && source.shape[0] === total));
  if (!valid) {
    const found = `${String(role)} of shape ${source.shape.join(" x ")}`;
    throw contradiction(`${where}, variable ${source.name}`, `steps of ${files} files`, found);
  }
  const others = recordOf(kept.others);
  return {
    source,
    name,
    role: role as Role,
    originalIn: (file) =>
      others && Object.hasOwn(others, String(file)) ? others[String(file)] : kept.original,
  };
}

function contradiction(where: string, expected: string, found: string): FieldzipError {
  return new FieldzipError("format", {
    where,
    expected,
    found: found.slice(0, 80),
    remedy: "the archive is damaged; write one file instead, such as NetCDF (.nc)",
  });
}
