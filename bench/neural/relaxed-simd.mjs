/** To be imported before what asks for it: Node 20 has relaxed SIMD behind a flag; later ones have it. */
import { setFlagsFromString } from "node:v8";

if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
