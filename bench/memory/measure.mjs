/** Runs a command and measures its wall time, CPU time and peak resident memory. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { platform } from "node:os";

const gnuTime = "/usr/bin/time";

/**
 * Peak resident memory of the whole process, worker threads included: by GNU time where it is
 * installed, else from VmHWM of /proc, read every 50 ms (Linux only).
 * @returns {Promise<{ wallSeconds: number, peakBytes: number, cpuSeconds?: number, by: string }>}
 */
export async function measureCommand(command, args) {
  const withTime = platform() === "linux" && existsSync(gnuTime);
  const [program, ...rest] = withTime ? [gnuTime, "-v", command, ...args] : [command, ...args];
  const start = process.hrtime.bigint();
  const child = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors = (errors + data).slice(-20_000);
  });
  let polled = 0;
  const timer = withTime
    ? undefined
    : setInterval(() => (polled = highWater(child.pid, polled)), 50);
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(timer);
  const wallSeconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${errors}`);
  if (!withTime) return { wallSeconds, peakBytes: polled, by: "VmHWM of /proc" };
  const field = (name) => Number(new RegExp(`${name}.*: ([0-9.]+)`).exec(errors)?.[1]);
  return {
    wallSeconds,
    cpuSeconds: field("User time") + field("System time"),
    peakBytes: field("Maximum resident set size") * 1024,
    by: "GNU time",
  };
}

function highWater(pid, before) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Math.max(before, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
  } catch {
    return before;
  }
}
