/** The C counterparts (native/*.c): compiled here where gcc is, each build a process that is asked for timings. */
import { execFileSync, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { blockNames } from "./layout.mjs";

const folderOfSources = fileURLToPath(new URL("native/", import.meta.url));
const builds = {
  "gcc -O3": ["-O3"],
  "gcc -O3 -march=native": ["-O3", "-march=native"],
};

/** { version, builds: [{ name, seconds(stage, repeats), output(stage), close() }] }; no builds without gcc. */
export async function openNative(blocks, folder) {
  let version;
  try {
    version = execFileSync("gcc", ["--version"], { encoding: "utf8" }).split("\n")[0];
  } catch {
    return { version: "gcc is not installed: not measured", builds: [] };
  }
  const chunk = join(folder, "chunk.blocks");
  await writeFile(chunk, Buffer.concat(blockNames.flatMap((name) => framed(blocks[name]))));
  const sources = readdirSync(folderOfSources).filter((name) => name.endsWith(".c"));
  const opened = [];
  for (const [name, flags] of Object.entries(builds)) {
    const program = join(folder, `native-${opened.length}`);
    const all = [...flags, "-std=gnu11", "-ffp-contract=off", ...sources, "-lm", "-o", program];
    execFileSync("gcc", all, { cwd: folderOfSources, stdio: ["ignore", 2, 2] });
    opened.push(openBuild(name, program, chunk, folder));
  }
  return { version, builds: opened };
}

function framed(bytes) {
  return [Buffer.from(Uint32Array.of(bytes.length).buffer), bytes];
}

function openBuild(name, program, chunk, folder) {
  const child = spawn(program, [chunk], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function ask(...request) {
    child.stdin.write(`${request.join("|")}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${program} ended while it was asked ${request.join(" ")}`);
    return value;
  }
  return {
    name,
    seconds: async (stage, repeats) => Number(await ask("time", stage, repeats)) / 1e9,
    async output(stage) {
      const file = join(folder, "output.bin");
      await ask("dump", stage, file);
      return readFile(file);
    },
    close: () => child.stdin.end(),
  };
}
