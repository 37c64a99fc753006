/** Starts an embedded WebAssembly module. Compiled once, instantiated per user: each has its own memory. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
}

export function compileEmbedded(base64: string): WebAssembly.Module {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new WebAssembly.Module(bytes);
}

export function instantiate<Exports extends KernelExports>(module: WebAssembly.Module): Exports {
  return new WebAssembly.Instance(module, {}).exports as unknown as Exports;
}

const PAGE = 65536;

/** Grows memory to reach `end` bytes; throws RangeError where the engine gives no more. */
export function grow(memory: WebAssembly.Memory, end: number): void {
  const missing = Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE;
  if (missing > 0) memory.grow(missing);
}
