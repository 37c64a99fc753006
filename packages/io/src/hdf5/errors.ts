import { type ErrorTag, FieldzipError } from "@fieldzip/core";

interface Diagnosis {
  readonly pattern: RegExp;
  readonly tag: ErrorTag;
  readonly expected?: string;
  /** Said instead of HDF5's own words. */
  readonly found?: string;
  readonly remedy: string;
}

/** What HDF5's diagnostics mean; the first pattern that matches counts. */
const diagnoses: readonly Diagnosis[] = [
  {
    pattern: /truncated file|addr overflow|end of file|past the end|eoa/i,
    tag: "truncated",
    expected: "a complete HDF5 file",
    remedy: "the file is incomplete or damaged; fetch or write it again",
  },
  {
    pattern: /filter .*(is not registered|not available)|plugin/i,
    tag: "unsupported",
    expected: "filters that HDF5 itself brings",
    remedy: "rewrite the file with deflate (h5repack -f GZIP=4 in.h5 out.h5)",
  },
  {
    pattern: /external raw data|external file/i,
    tag: "unsupported",
    expected: "values stored in this file",
    remedy: "they are in another file, which is not read; join them first (h5repack -l CONTI)",
  },
  {
    pattern: /checksum|fletcher32/i,
    tag: "checksum",
    expected: "matching checksums",
    remedy: "the file is damaged; fetch or write it again",
  },
  {
    pattern: /no space left|errno = 51/i,
    tag: "io",
    found: "ENOSPC on write",
    remedy: "the disk is full; free some space or choose another place",
  },
  {
    pattern: /file too large|input\/output error/i,
    tag: "io",
    remedy: "the operating system refused; free some space or choose another place",
  },
  {
    pattern: /file signature not found/i,
    tag: "format",
    expected: "an HDF5 signature",
    remedy: "this is not an HDF5 or NetCDF-4 file; check the path",
  },
];

/** A failed call of the HDF5 library as a typed error; the deepest diagnostic says what it was. */
export function diagnosedError(where: string, diagnostics: string, cause?: unknown): FieldzipError {
  const reasons = [...diagnostics.matchAll(/#\d+: .*? in (?:\w+\(\)): (.*)/g)];
  const found = reasons.at(-1)?.[1] ?? messageOf(cause) ?? "an error that HDF5 does not explain";
  const all = `${diagnostics} ${found}`;
  const diagnosis = diagnoses.find(({ pattern }) => pattern.test(all));
  return new FieldzipError(
    diagnosis?.tag ?? "format",
    {
      where,
      expected: diagnosis ? diagnosis.expected : "valid HDF5",
      found: diagnosis?.found ?? found,
      remedy: diagnosis?.remedy ?? "the file is damaged; fetch or write it again",
    },
    cause ?? (diagnostics === "" ? undefined : new Error(diagnostics)),
  );
}

function messageOf(cause: unknown): string | undefined {
  if (cause === undefined) return undefined;
  return cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
}
