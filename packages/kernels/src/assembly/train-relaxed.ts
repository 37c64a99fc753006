/**
 * fieldzip-train-relaxed.wasm: training alone, with multiply-adds that may be fused. Never on the way to
 * a decoded value: those come from `train.ts` and `decode.ts`.
 */
export { adam } from "../network/adam/kernel";
export { addGradients } from "../network/kernel";
export { halve, quantise } from "../network/quantise/kernel";
