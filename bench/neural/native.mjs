/** The step in C (native/step.c): built where gcc is, with and without OpenBLAS; a process that is asked for steps. */
import { execFileSync, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("native/step.c", import.meta.url));
const builds = {
  "gcc -O3 -march=native": ["-lm"],
  "the same + OpenBLAS": ["-DBLAS", "-lopenblas", "-lm"],
};

/** { version, builds: [{ name, step(), close() }] }: step() resolves to seconds and the loss before it. */
export async function openNative(arrays, folder) {
  let version;
  try {
    version = execFileSync("gcc", ["--version"], { encoding: "utf8" }).split("\n")[0];
  } catch {
    return { version: "gcc is not installed: not measured", builds: [] };
  }
  const file = join(folder, "step.bin");
  await writeFile(file, Buffer.concat(arrays.map((array) => Buffer.from(array.buffer))));
  const opened = [];
  for (const [name, libraries] of Object.entries(builds)) {
    const program = join(folder, `step-${opened.length}`);
    const flags = ["-O3", "-march=native", "-std=gnu11", source, ...libraries, "-o", program];
    try {
      execFileSync("gcc", flags, { stdio: ["ignore", "ignore", "pipe"] });
    } catch {
      process.stderr.write(`${name}: does not build here (libopenblas-dev?): not measured\n`);
      continue;
    }
    opened.push(openBuild(name, program, file));
  }
  return { version, builds: opened };
}

function openBuild(name, program, file) {
  const child = spawn(program, [file], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    name,
    async step() {
      child.stdin.write("1\n");
      const { value, done } = await lines.next();
      if (done) throw new Error(`${program} ended`);
      const [nanoseconds, loss] = value.split(" ").map(Number);
      return { seconds: nanoseconds / 1e9, loss };
    },
    close: () => child.stdin.end(),
  };
}
