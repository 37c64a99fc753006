import { type ErrorTag, isFieldzipError } from "@fieldzip/core";

/** What the process ends with; scripts rely on these. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  /** The guarantee does not hold, or stored data is damaged. */
  violated: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const codesByTag: Partial<Record<ErrorTag, ExitCode>> = {
  usage: exitCodes.usage,
  checksum: exitCodes.violated,
  guarantee: exitCodes.violated,
  aborted: exitCodes.interrupted,
};

export function exitCodeOf(error: unknown): ExitCode {
  return (isFieldzipError(error) ? codesByTag[error.tag] : undefined) ?? exitCodes.failed;
}
