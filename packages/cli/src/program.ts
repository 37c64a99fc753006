import { FieldzipError } from "@fieldzip/core";
import { Command, CommanderError, Option } from "commander";
import { type CommandDescription, commonOptions, type OptionValues } from "./commands/command.js";

/** What the command line asks for. */
export interface Invocation {
  readonly command: CommandDescription;
  readonly args: readonly string[];
  readonly options: OptionValues;
}

/** What to print instead, for `--help` and `--version`. */
export interface Information {
  readonly text: string;
}

/**
 * Reads the command line. Anything unknown (a command, a flag, an argument too many) is a `usage`
 * error. The only file that knows commander.
 */
export function parseCommandLine(
  argv: readonly string[],
  commands: readonly CommandDescription[],
  version: string,
): Invocation | Information {
  let invocation: Invocation | undefined;
  let printed = "";
  const output = {
    writeOut: (text: string) => {
      printed += text;
    },
    // Errors arrive as exceptions and are printed by the caller.
    writeErr: () => {},
  };
  const program = new Command("fieldzip")
    .description("Compresses the output of simulations; every bit comes back.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .configureHelp({
      subcommandTerm: (command) => {
        const args = command.registeredArguments.map(
          (argument) => `<${argument.name()}${argument.variadic ? "..." : ""}>`,
        );
        return [command.name(), ...(args.length > 0 ? args : ["[command]"])].join(" ");
      },
    })
    .configureOutput(output)
    .exitOverride();
  for (const description of commands) {
    const command = program
      .command(description.name)
      .summary(description.summary)
      .description(
        [capitalise(description.summary), description.details].filter(Boolean).join(".\n"),
      )
      .configureOutput(output)
      .exitOverride()
      .allowExcessArguments(false)
      .action((...given: unknown[]) => {
        const args = given.slice(0, description.arguments.length).flat() as string[];
        invocation = { command: description, args, options: command.opts() };
      });
    for (const { name, help } of description.arguments) command.argument(`<${name}>`, help);
    for (const { flags, help, group } of [...description.options, ...commonOptions]) {
      const option = new Option(flags, help);
      command.addOption(group === undefined ? option : option.helpGroup(`${group}:`));
    }
    command.helpOption("-h, --help", "print this help");
    command.addHelpText("after", `\nExamples:\n${indent(description.examples)}`);
  }
  program.addHelpText(
    "after",
    `
Examples:
${indent(commands.map(({ examples }) => examples[0]))}

Exit codes: 0 done, 1 failed, 2 usage, 3 damaged or different, 130 interrupted.
Sizes and rates are decimal: 1 MB = 10^6 bytes.`,
  );
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text: printed };
    throw usageError(error);
  }
  return invocation ?? { text: program.helpInformation() };
}

function usageError(error: CommanderError): FieldzipError {
  // `error: unknown option '--forse'\n(Did you mean --force?)`
  const [fact, hint] = error.message.replace(/^error: /, "").split("\n");
  const isHelp = error.code === "commander.help";
  return new FieldzipError("usage", {
    where: "command line",
    found: isHelp ? "no command" : fact,
    remedy: hint
      ? hint.replace(/^\(Did you mean (.*)\?\)$/, "did you mean $1?")
      : "see fieldzip --help",
  });
}

function capitalise(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
