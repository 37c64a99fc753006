// What the scripts share: where the repository is, and how a command is run.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Prints what is about to happen, so that no step is silent for long. */
export function say(message) {
  console.log(`\n> ${message}`);
}

/** Runs a command with its output shown; resolves to whether it succeeded. Never reads stdin. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    ...options,
    env: { ...process.env, ...options.env },
  });
  return result.status === 0;
}

/** Runs a command quietly and returns its standard output, or undefined where it failed. */
export function capture(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  return result.status === 0 ? result.stdout : undefined;
}

/** Runs one of the workspace's own tools (`tsc`, `biome`, `vitest`) with this very Node. */
export function runTool(script, args, options) {
  return run(process.execPath, [script, ...args], options);
}

export const tools = {
  tsc: "node_modules/typescript/bin/tsc",
  biome: "node_modules/@biomejs/biome/bin/biome",
  vitest: "node_modules/vitest/vitest.mjs",
  vite: "node_modules/vite/bin/vite.js",
};
