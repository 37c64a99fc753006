import { isFieldzipError } from "@fieldzip/core";
import { registerNeuralPredictor } from "@fieldzip/neural";
import { benchCommand } from "./commands/bench.js";
import type { CommandContext } from "./commands/command.js";
import { compareCommand } from "./commands/compare.js";
import { compressCommand } from "./commands/compress.js";
import { decompressCommand } from "./commands/decompress.js";
import { deriveCommand } from "./commands/derive.js";
import { inspectCommand } from "./commands/inspect.js";
import { planCommand } from "./commands/plan.js";
import { sampleCommand } from "./commands/sample.js";
import { serveCommand } from "./commands/serve.js";
import { statisticsCommand } from "./commands/statistics.js";
import { verifyCommand } from "./commands/verify.js";
import { viewCommand } from "./commands/view.js";
import { type ExitCode, exitCodeOf, exitCodes } from "./exit-codes.js";
import { onInterrupt } from "./interrupt.js";
import { parseCommandLine } from "./program.js";
import { showProgress } from "./progress-bar.js";
import { packageVersion } from "./version.js";

const commands = [
  compressCommand,
  decompressCommand,
  inspectCommand,
  planCommand,
  verifyCommand,
  compareCommand,
  sampleCommand,
  deriveCommand,
  statisticsCommand,
  viewCommand,
  serveCommand,
  benchCommand,
];
/** How long leftover handles may keep the process alive once the command is done. */
const lingerMs = 500;

/** Runs one command line and sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  ignoreBrokenPipes();
  registerNeuralPredictor();
  const interrupt = onInterrupt();
  try {
    process.exitCode = await run(argv, interrupt.signal);
  } finally {
    interrupt.release();
  }
  if (interrupt.signal.aborted) process.exit();
  setTimeout(() => process.exit(), lingerMs).unref();
}

async function run(argv: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  // Also where the command line cannot be read: a program that asked for JSON gets JSON.
  const json = argv.includes("--json");
  let quiet = argv.includes("--quiet");
  try {
    const asked = parseCommandLine(argv, commands, packageVersion());
    if ("text" in asked) {
      process.stdout.write(asked.text);
      return exitCodes.done;
    }
    quiet = asked.options.quiet === true;
    const progress = showProgress({ quiet });
    const print: CommandContext["announce"] = (result) => {
      if (json) process.stdout.write(`${toJson(result.json)}\n`);
      else if (!quiet) process.stdout.write(`${result.text}\n`);
    };
    const context: CommandContext = {
      ...{ signal, onProgress: progress.update, announce: print },
      warn(text) {
        progress.end();
        if (!quiet) process.stderr.write(`fieldzip: ${text}\n`);
      },
    };
    const result = await asked.command
      .run(asked.args, asked.options, context)
      .finally(() => progress.end());
    if (!result) return exitCodes.done;
    print(result);
    if (result.complaint) process.stderr.write(`fieldzip: ${result.complaint}\n`);
    return result.exitCode ?? exitCodes.done;
  } catch (error) {
    const code = signal.aborted ? exitCodes.interrupted : exitCodeOf(error);
    if (json) process.stdout.write(`${toJson({ error: partsOf(error) })}\n`);
    process.stderr.write(`fieldzip: ${messageOf(error)}\n`);
    return code;
  }
}

function messageOf(error: unknown): string {
  if (isFieldzipError(error, "aborted")) {
    const { where, remedy } = error.details;
    return `interrupted; ${where === "fieldzip" ? "nothing was left half-written" : `${where}: ${remedy}`}`;
  }
  if (isFieldzipError(error)) return error.message;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `an error of fieldzip itself; please report it\n${text}`;
}

function partsOf(error: unknown): object {
  if (isFieldzipError(error)) return { tag: error.tag, ...error.details };
  const found = error instanceof Error ? error.message : String(error);
  return { tag: "internal", where: "fieldzip", found, remedy: "please report it" };
}

function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}` : part), 2);
}

/** A reader that went away (`| head`) is no error: the work goes on, the output goes nowhere. */
function ignoreBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
