// Compiles the AssemblyScript kernels to WebAssembly and embeds them, as base64, in a TypeScript module:
// no loader, no URL and no file access is needed wherever the package runs. The decoder is kept as a
// file too, for readers in other languages.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Training runs on several threads over one memory, which whoever starts it supplies. */
const sharedMemory = [
  "--importMemory",
  "--sharedMemory",
  "--maximumMemory",
  "65536",
  "--enable",
  "threads",
];

async function compile(name, options = [], imports = []) {
  const output = `dist/fieldzip-${name}.wasm`;
  const { error, stderr } = await asc.main([
    `src/assembly/${name}.ts`,
    "--outFile",
    output,
    "--baseDir",
    root,
    "--runtime",
    "stub",
    "--use",
    "abort=",
    "--enable",
    "simd",
    "--enable",
    "bulk-memory",
    "--noAssert",
    "--optimizeLevel",
    "3",
    "--shrinkLevel",
    "0",
    "--converge",
    ...options,
  ]);
  if (error) throw new Error(`AssemblyScript: ${name}\n${stderr}`);
  const bytes = await readFile(`${root}/${output}`);
  if (options.includes("relaxed-simd") && !WebAssembly.validate(bytes)) return bytes;
  const found = WebAssembly.Module.imports(new WebAssembly.Module(bytes)).map(({ name }) => name);
  if (`${found}` !== `${imports}`)
    throw new Error(`fieldzip-${name}.wasm imports [${found}], not [${imports}]`);
  return bytes;
}

/** Writes a module that holds WebAssembly modules as base64. */
async function embed(path, modules) {
  const source = Object.entries(modules)
    .map(
      ([name, bytes]) =>
        `/** fieldzip-${name}.wasm, ${bytes.length} bytes. */\nexport const ${name.replace(/-./g, ([, letter]) => letter.toUpperCase())}Module =\n  "${bytes.toString("base64")}";\n`,
    )
    .join("\n");
  await writeFile(
    `${root}/${path}`,
    `// Made by scripts/build.mjs from src/assembly; not in the repository.\n\n${source}`,
  );
  for (const [name, bytes] of Object.entries(modules))
    console.log(`fieldzip-${name}.wasm ${bytes.length} bytes`);
}

await mkdir(`${root}/dist`, { recursive: true });
const modules = {};
for (const name of ["encode", "decode"]) modules[name] = await compile(name);
await embed("src/modules.generated.ts", modules);
// Apart, so that whoever only decodes does not carry them.
await embed("src/parameters/modules.generated.ts", { parameters: await compile("parameters") });
await embed("src/network/modules.generated.ts", {
  train: await compile("train", sharedMemory, ["memory"]),
  // Engines that cannot run it (Node 20) are told apart by WebAssembly.validate.
  "train-relaxed": await compile(
    "train-relaxed",
    [...sharedMemory, "--enable", "relaxed-simd"],
    ["memory"],
  ),
});
