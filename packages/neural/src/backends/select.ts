/** CPU or GPU: decided here and nowhere else. */
import { FieldzipError } from "@fieldzip/core";
import type { Backend } from "./backend.js";
import { type WasmOptions, wasmBackend } from "./wasm.js";

export type BackendName = "auto" | "wasm";

/** `auto` takes the fastest backend that runs here. */
export async function selectBackend(
  name: BackendName = "auto",
  options: WasmOptions = {},
): Promise<Backend> {
  if (name === "auto" || name === "wasm") return wasmBackend(options);
  throw new FieldzipError("usage", {
    where: "backend",
    expected: "auto or wasm",
    found: String(name),
    remedy: "choose one that this release has",
  });
}
