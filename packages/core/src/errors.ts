/**
 * Every error that fieldzip throws on purpose. The tag is for programs, the message for people:
 * it names where it happened, what was expected, what was found, and what to do.
 */

/** What went wrong, as a word a program can switch on. */
export type ErrorTag =
  /** The caller asked for something that makes no sense (unknown option, bad selection). */
  | "usage"
  /** A file or stream does not have the form that its format prescribes. */
  | "format"
  /** A file or stream ends before its content does. */
  | "truncated"
  /** Stored and computed checksums differ: the bytes were damaged. */
  | "checksum"
  /** A valid feature, version or codec that this release cannot read. */
  | "unsupported"
  /** The input asks for more than a limit of `stream/limits.ts` allows. */
  | "limit"
  /** Sizes that should agree do not (file size against shape, chunk against grid). */
  | "shape"
  /** The operating system refused (missing file, full disk, no permission). */
  | "io"
  /** The target exists and was not to be overwritten. */
  | "exists"
  /** A name (variable, dimension, file) that is not there. */
  | "missing"
  /** The guarantee does not hold: decoded values differ from the original. */
  | "guarantee"
  /** Stopped by the caller's AbortSignal. */
  | "aborted";

/** The parts of an error message, kept apart so that a program can use them. */
export interface ErrorDetails {
  /** File, variable, chunk or byte offset, outermost first: `run.nc, variable rho, chunk [3,0,1]`. */
  readonly where: string;
  readonly expected?: string;
  readonly found?: string;
  /** What the user can do about it, as an imperative sentence without a full stop. */
  readonly remedy: string;
}

export class FieldzipError extends Error {
  override readonly name = "FieldzipError";
  readonly tag: ErrorTag;
  readonly details: ErrorDetails;

  constructor(tag: ErrorTag, details: ErrorDetails, cause?: unknown) {
    super(messageOf(details), cause === undefined ? undefined : { cause });
    this.tag = tag;
    this.details = details;
  }

  /** The same error seen from one level further out: `where` is put before its own. */
  within(where: string): FieldzipError {
    return new FieldzipError(
      this.tag,
      { ...this.details, where: `${where}, ${this.details.where}` },
      this.cause ?? this,
    );
  }
}

function messageOf({ where, expected, found, remedy }: ErrorDetails): string {
  const facts = [
    expected === undefined ? undefined : `${expected} expected`,
    found === undefined ? undefined : `${found} found`,
  ].filter((fact) => fact !== undefined);
  return `${where}: ${facts.length > 0 ? `${facts.join(", ")}: ` : ""}${remedy}`;
}

export function isFieldzipError(error: unknown, tag?: ErrorTag): error is FieldzipError {
  return error instanceof FieldzipError && (tag === undefined || error.tag === tag);
}

/** Throws a tagged error when the signal has fired; call it between units of work. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(signal);
}

export function abortedError(signal?: AbortSignal): FieldzipError {
  return new FieldzipError(
    "aborted",
    { where: "fieldzip", remedy: "stopped on request; nothing was left half-written" },
    signal?.reason,
  );
}
