import type { Progress } from "@fieldzip/core";
import type { ExitCode } from "../exit-codes.js";

/** A command as the program needs it: what it takes, and what it does. */
export interface CommandDescription {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What the command's own help says beyond the flags. */
  readonly details?: string;
  /** A name that ends in `...` takes one or more; it is the last one. */
  readonly arguments: readonly { readonly name: string; readonly help: string }[];
  readonly options: readonly OptionDescription[];
  readonly examples: readonly string[];
  run(
    args: readonly string[],
    options: OptionValues,
    context: CommandContext,
  ): Promise<CommandResult | undefined>;
}

export interface OptionDescription {
  /** `--threads <n>`; a flag without a value is a boolean. */
  readonly flags: string;
  /** With the unit and the default. */
  readonly help: string;
  /** Heading that it stands under in the help; default `Options`. */
  readonly group?: string;
}

/** What was given, by the flag's name in camel case; not yet checked. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

export interface CommandContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Prints a line on stderr that the user may want to act upon while the work goes on. */
  readonly warn: (text: string) => void;
  /** Prints at once, for a command that goes on until it is stopped; such a one has no result. */
  readonly announce: (result: Pick<CommandResult, "text" | "json">) => void;
}

export interface CommandResult {
  /** For people; printed on stdout. */
  readonly text: string;
  /** For programs; printed instead of the text with `--json`. */
  readonly json: object;
  /** Default: done. */
  readonly exitCode?: ExitCode;
  /** Why the exit code is not 0; printed on stderr. */
  readonly complaint?: string;
}

/** Flags that every command has. */
export const commonOptions: readonly OptionDescription[] = [
  { flags: "--json", help: "print one JSON object instead of text" },
  { flags: "--quiet", help: "print nothing but errors, and no progress" },
];

export const threadsOption: OptionDescription = {
  flags: "--threads <n>",
  help: "worker threads, 0 for none (default: one per core)",
};

export const forceOption: OptionDescription = {
  flags: "--force",
  help: "replace what exists, once the new one is whole",
};
