/** The result as tables for people. */
import { table } from "../lossless/report.mjs";

const encodeKernels = [
  "normal equations",
  "sample errors",
  "stencil sums",
  "residuals",
  "classes",
  "residual bits",
  "count",
  "range coder",
  "checksums",
];
const decodeKernels = ["checksums", "decode classes", "decode bits", "restore"];

export function report(result) {
  const { chunk, encode, decode, fast, kernels, machine } = result;
  return `# One chunk, stage by stage

${result.method}.

- command: \`${result.command}\`
- ${result.date}, commit ${result.commit}${result.uncommittedChanges ? " with uncommitted changes" : ""}
- ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${result.node}; C: ${result.gcc}
- chunk: ${chunk.name}, ${chunk.shape.join(" x ")} float32, ${chunk.bytes} bytes, encoded ${chunk.encodedBytes}; ${chunk.sourceRows} source rows, ${chunk.contexts} contexts

## Encoding: ${encode.milliseconds} ms, ${speed(chunk.bytes, encode.milliseconds)} MB/s

The codec as it is, its time split at the calls into the encoder's kernels.

${stageTable(encode.stages, encode.milliseconds)}

## Decoding: ${decode.milliseconds} ms, ${speed(chunk.bytes, decode.milliseconds)} MB/s

The decoder is one WebAssembly call. Here its stages ran apart, each over the whole chunk; in the decoder they take
turns row by row and slice by slice, so the last row holds header, tables and copies, and what running apart costs.

${stageTable(decodeStages(result), decode.milliseconds)}

## Effort \`fast\`: encoded ${fast.bytes} bytes, ratio ${(chunk.bytes / fast.bytes).toFixed(3)} (default ${(chunk.bytes / chunk.encodedBytes).toFixed(3)})

Mode 3 of \`mechanism\` (\`spec/stream.md\`): the codec as it is, and its kernels alone over the whole chunk; what these leave is in the last rows.

### Encoding: ${fast.encode.milliseconds.toFixed(2)} ms, ${speed(chunk.bytes, fast.encode.milliseconds)} MB/s, ${share(chunk, fast, "encode", kernels)} of memory bandwidth

${stageTable(fast.encode.stages, fast.encode.milliseconds)}

### Decoding: ${fast.decode.milliseconds.toFixed(2)} ms, ${speed(chunk.bytes, fast.decode.milliseconds)} MB/s, ${share(chunk, fast, "decode", kernels)} of memory bandwidth

${stageTable(fast.decode.stages, fast.decode.milliseconds)}

Memory bandwidth is that of a copy, read and written (below); the codec's is the bytes of the values and of the stream, once each.

## Kernels

Milliseconds a call over the whole chunk (the fit: over ${chunk.samples} samples of ${chunk.columns} columns), the same input and
interleaved runs for all. _Bytes moved_ are those that must cross memory once: what a stage reads and writes, rows that it reads again
not counted. _Share of copy_ is GB/s against a copy of 128 MB in the same run (${gigabytes(kernels["memory copy"])} GB/s read and written; reading alone
${gigabytes(kernels["memory read"])} GB/s). _Times native_ is native time / WebAssembly time: 1 is level, 0.5 is half as fast.
Residuals, classes and restoring are differences of two measurements each.

${kernelTable(result)}
`;
}

function decodeStages({ decode, kernels }) {
  const stages = Object.fromEntries(
    decodeKernels.map((name) => [name, kernels[name].milliseconds.wasm]),
  );
  const named = Object.values(stages).reduce((sum, milliseconds) => sum + milliseconds, 0);
  return { ...stages, "all else": decode.milliseconds - named };
}

function stageTable(stages, whole) {
  const rows = Object.entries(stages)
    .filter(([name, milliseconds]) => milliseconds > 0.0005 * whole || name.startsWith("all else"))
    .map(([name, milliseconds]) => [
      name,
      milliseconds.toFixed(2),
      `${((100 * milliseconds) / whole).toFixed(1)} %`,
    ]);
  return table(["stage", "ms", "share"], rows);
}

function kernelTable({ kernels, builds, gcc }) {
  const copy = kernels["memory copy"].gigabytesPerSecond;
  const columns = builds.length > 0 ? builds : [gcc];
  const names = [...encodeKernels, ...decodeKernels.slice(1), "memory copy", "memory read"];
  const rows = names.map((name) => {
    const { bytesMoved, milliseconds, gigabytesPerSecond, timesNative, equalOutputs } =
      kernels[name];
    return [
      name,
      (bytesMoved / 1e6).toFixed(2),
      milliseconds.wasm.toFixed(3),
      gigabytesPerSecond.toFixed(2),
      `${((100 * gigabytesPerSecond) / copy).toFixed(0)} %`,
      ...columns.flatMap((build) =>
        milliseconds[build] === undefined
          ? ["–", "–"]
          : [milliseconds[build].toFixed(3), timesNative[build].toFixed(2)],
      ),
      equalOutputs === undefined ? "–" : equalOutputs ? "yes" : "**no**",
    ];
  });
  return table(
    [
      "kernel",
      "MB moved",
      "WebAssembly ms",
      "GB/s",
      "share of copy",
      ...columns.flatMap((build) => [`${build} ms`, "times native"]),
      "equal outputs",
    ],
    rows,
  );
}

/** What share of the bandwidth of a copy it is to read the values and write the stream, or the other way round, in this time. */
function share(chunk, fast, way, kernels) {
  const gigabytesPerSecond = (chunk.bytes + fast.bytes) / 1e6 / fast[way].milliseconds;
  const copy = kernels["memory copy"].gigabytesPerSecond;
  return `${((100 * gigabytesPerSecond) / copy).toFixed(1)} %`;
}

function gigabytes({ gigabytesPerSecond }) {
  return gigabytesPerSecond.toFixed(1);
}

function speed(bytes, milliseconds) {
  return (bytes / 1e3 / milliseconds).toFixed(0);
}
