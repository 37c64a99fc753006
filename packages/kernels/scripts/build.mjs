// Compiles the AssemblyScript kernels to WebAssembly and embeds them, as base64, in a TypeScript module:
// no loader, no URL and no file access is needed wherever the package runs. The decoder is kept as a
// file too, for readers in other languages.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));

async function compile(name) {
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
  ]);
  if (error) throw new Error(`AssemblyScript: ${name}\n${stderr}`);
  const bytes = await readFile(`${root}/${output}`);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  if (imports.length > 0)
    throw new Error(`fieldzip-${name}.wasm must import nothing: ${JSON.stringify(imports)}`);
  return bytes;
}

await mkdir(`${root}/dist`, { recursive: true });
const modules = {};
for (const name of ["encode", "decode"]) modules[name] = await compile(name);
const source = Object.entries(modules)
  .map(
    ([name, bytes]) =>
      `/** fieldzip-${name}.wasm, ${bytes.length} bytes. */\nexport const ${name}Module =\n  "${bytes.toString("base64")}";\n`,
  )
  .join("\n");
await writeFile(
  `${root}/src/modules.generated.ts`,
  `// Made by scripts/build.mjs from src/assembly; not in the repository.\n\n${source}`,
);
for (const [name, bytes] of Object.entries(modules))
  console.log(`fieldzip-${name}.wasm ${bytes.length} bytes`);
