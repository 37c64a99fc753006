/** A process that answers a JSON object a line with one. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** `ask` sends one request and resolves to its answer; ask one at a time. */
export function startJsonProcess(executable, args, env = {}) {
  const child = spawn(executable, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function ask(request) {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${args[0]} ended while it was asked ${JSON.stringify(request)}`);
    return JSON.parse(value);
  }
  return { ask, close: () => child.stdin.end() };
}
