import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
export const fixtures = join(root, "fixtures");
const bin = join(root, "packages/cli/dist/bin.js");

/** Builds what the tests run; does nothing where all is up to date. */
export function build(): void {
  const script = join(root, "scripts/build.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`);
}

/** A new folder that goes away with the test file. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "fieldzip-cli-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built `fieldzip`, as a user does. */
export function start(
  args: readonly string[],
  options: { cwd?: string; uid?: number; env?: NodeJS.ProcessEnv } = {},
): ChildProcess {
  return spawn(process.execPath, [bin, ...args], {
    cwd: root,
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs `fieldzip` to its end. */
export function fieldzip(...args: string[]): Promise<Finished> {
  return finished(start(args));
}
