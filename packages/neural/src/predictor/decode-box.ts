/** Values of a part of a chunk: a network knows them one by one. */
import {
  type Box,
  countOf,
  type FloatArray,
  LeastRecentlyUsed,
  type WorkerPool,
} from "@fieldzip/core";
import type { StreamHeader } from "@fieldzip/core/stream";
import { eachStretch } from "../stream/chunk.js";
import { type ChunkNetwork, type ChunkPiece, createChunkNetwork } from "../use/chunk-network.js";
import { readChunkModel } from "../use/read-chunk-model.js";

/** Networks that were read last: boxes of one chunk come one after another. */
const networks = new LeastRecentlyUsed<ChunkNetwork>(64 * 2 ** 20);

/** Undefined where something is stored beside the network: a residual, a mask, constants that are no numbers. */
export async function decodeBox(
  stream: Uint8Array,
  header: StreamHeader,
  box: Box,
  { where, pool, signal }: { where: string; pool: WorkerPool; signal?: AbortSignal },
): Promise<FloatArray | undefined> {
  const network = networkOf(stream, header, where);
  const { corrected, masked, variableAxis, coordinateAxes, variables } = network.model;
  const [from, count] =
    variableAxis === undefined ? [0, 1] : [box.start[variableAxis], box.shape[variableAxis]];
  const wanted = Array.from({ length: count }, (_, v) => from + v);
  const odd = wanted.some((v) => {
    const variable = variables[v];
    return "constant" in variable && Number.isNaN(variable.constant);
  });
  if (corrected || masked || odd) return undefined;
  const without = (list: readonly number[]) =>
    variableAxis === undefined ? list : list.toSpliced(variableAxis, 1);
  const [start, shape] = [without(box.start), without(box.shape)];
  const axes = coordinateAxes.map((axis) =>
    Float64Array.from({ length: shape[axis] }, (_, i) => start[axis] + i),
  );
  const single = header.dataType === "float32";
  const values = single
    ? new Float32Array(countOf(box.shape))
    : new Float64Array(countOf(box.shape));
  const points = countOf(shape);
  const layout = {
    ...{ variables: count, points },
    inner: variableAxis === undefined ? points : countOf(box.shape.slice(variableAxis + 1)),
  };
  const take = (piece: ChunkPiece) => {
    piece.values.forEach((list, v) => {
      eachStretch(layout, v, piece.first, piece.count, (point, place, length) => {
        values.set(list.subarray(point - piece.first, point - piece.first + length), place);
      });
    });
  };
  const request = { places: { axes }, variables: wanted, derivatives: [] };
  await network.evaluate(request, take, { pool, signal });
  return values;
}

function networkOf(stream: Uint8Array, header: StreamHeader, where: string): ChunkNetwork {
  // Checksums of all sections: another stream in the same place is another network.
  const key = `${where} ${header.sections.map(({ checksum }) => checksum).join()}`;
  const known = networks.get(key);
  if (known) return known;
  const { dataType, shape } = header;
  const network = createChunkNetwork(readChunkModel(stream, { dataType, shape, where })!, dataType);
  networks.set(key, network, network.bytes);
  return network;
}
