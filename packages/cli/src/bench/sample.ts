import {
  type Box,
  bytesPerValue,
  countOf,
  type Dataset,
  FieldzipError,
  isFloatType,
  slabsOf,
  type Variable,
} from "@fieldzip/core";

/** A box of a variable that every codec is given on its own. */
export interface SampledChunk {
  readonly variable: Variable;
  readonly box: Box;
  readonly bytes: number;
}

export interface Sample {
  /** In the order of the variables, and within one in C order. */
  readonly chunks: readonly SampledChunk[];
  readonly variables: readonly string[];
  /** Bytes of the chunks. */
  readonly bytes: number;
  /** Bytes of all values of the variables. */
  readonly ofBytes: number;
}

/** Values in a chunk: what `compress` makes by default. */
const chunkValues = 2 ** 20;
/** Float variables of fewer values (coordinates, scalars) are left out unless they are named. */
const leastValues = 1024;
/** Chunks of one variable that are looked at, at most; what lies between is skipped. */
const mostChunks = 4096;

/**
 * Whole chunks of the float variables of a dataset, at most `limit` bytes of them (but always one),
 * spread evenly. Reads nothing. Errors: `missing` for a variable, `usage` where none is of floats.
 */
export function sampleOf(
  dataset: Dataset,
  options: { variables?: readonly string[]; limit: number },
): Sample {
  const named = options.variables?.map((name) => dataset.variable(name));
  const wrong = named?.find(({ dataType }) => !isFloatType(dataType));
  const variables = (named ?? dataset.variables).filter(
    ({ dataType, shape }) =>
      isFloatType(dataType) && countOf(shape) >= (named === undefined ? leastValues : 1),
  );
  if (wrong || variables.length === 0) {
    throw new FieldzipError("usage", {
      where: dataset.location,
      expected: `variables of float32 or float64${named ? "" : ` with ${leastValues} values or more`}`,
      found: wrong ? `${wrong.name} of ${wrong.dataType}` : "none",
      remedy: "choose a file with fields, or --variable",
    });
  }
  const all = variables.map(chunksOfVariable);
  const ofBytes = variables.reduce(
    (sum, { shape, dataType }) => sum + countOf(shape) * bytesPerValue(dataType),
    0,
  );
  const every = all.flat();
  const total = every.reduce((sum, { bytes }) => sum + bytes, 0);
  const chunks = total <= options.limit ? every : spread(every, options.limit);
  return {
    chunks,
    variables: [...new Set(chunks.map(({ variable }) => variable.name))],
    bytes: chunks.reduce((sum, { bytes }) => sum + bytes, 0),
    ofBytes,
  };
}

function chunksOfVariable(variable: Variable): SampledChunk[] {
  const { shape, dataType } = variable;
  const size = bytesPerValue(dataType);
  const stride = Math.max(1, Math.ceil(countOf(shape) / chunkValues / mostChunks));
  const chunks: SampledChunk[] = [];
  let place = 0;
  for (const box of slabsOf(
    shape,
    shape.map(() => 1),
    chunkValues,
  )) {
    if (place++ % stride === 0) chunks.push({ variable, box, bytes: countOf(box.shape) * size });
  }
  return chunks;
}

/** As many chunks as fit into the limit, at even distances through all of them. */
function spread(every: readonly SampledChunk[], limit: number): SampledChunk[] {
  const mean = every.reduce((sum, { bytes }) => sum + bytes, 0) / every.length;
  const count = Math.max(1, Math.min(every.length, Math.floor(limit / mean)));
  const chosen: SampledChunk[] = [];
  let bytes = 0;
  for (let k = 0; k < count; k++) {
    const chunk = every[Math.floor(((k + 0.5) * every.length) / count)];
    if (chosen.length > 0 && bytes + chunk.bytes > limit) continue;
    chosen.push(chunk);
    bytes += chunk.bytes;
  }
  return chosen;
}
