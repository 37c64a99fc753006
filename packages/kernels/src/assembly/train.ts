/** fieldzip-train.wasm: training of networks, and their evaluation with the decoder's arithmetic. */
export * from "./train-relaxed";
export { evaluateDerivatives } from "../network/kernel";
