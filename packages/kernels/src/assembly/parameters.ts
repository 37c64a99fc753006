/** fieldzip-parameters.wasm: codes and decodes the parameters of networks. The caller lays out memory, from `heap()` on. */
export { decodeParameters, encodeParameters, parametersScratch } from "../parameters/kernel";

export function heap(): usize {
  return (__heap_base + 63) & ~63;
}
