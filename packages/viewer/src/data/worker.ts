// The body of a Web Worker: one task a message, of the core (decoding) or of the page (`tasks.ts`).
import { type ErrorDetails, type ErrorTag, isFieldzipError, runTask } from "@fieldzip/core";
import { registerSampleTask } from "@fieldzip/neural";
import { registerViewerTasks } from "./tasks.js";

export type TaskReply =
  | { readonly output: unknown }
  | { readonly tag: ErrorTag; readonly details: ErrorDetails }
  | { readonly message: string };

registerViewerTasks();
registerSampleTask();

const scope = self as unknown as {
  onmessage: (event: MessageEvent<{ task: string; input: unknown }>) => void;
  postMessage(message: TaskReply, transfer?: Transferable[]): void;
};

scope.onmessage = ({ data: { task, input } }) => {
  try {
    const output = runTask(task, input);
    scope.postMessage({ output }, buffersOf(output));
  } catch (error) {
    if (isFieldzipError(error)) scope.postMessage({ tag: error.tag, details: error.details });
    else scope.postMessage({ message: error instanceof Error ? error.message : String(error) });
  }
};

/** The buffers of an output that are its own, to be handed over instead of copied. */
function buffersOf(output: unknown): ArrayBuffer[] {
  const parts = ArrayBuffer.isView(output)
    ? [output]
    : Object.values(output !== null && typeof output === "object" ? output : {});
  const views = parts.filter((part) => ArrayBuffer.isView(part));
  return views
    .filter(({ buffer, byteLength }) => byteLength === buffer.byteLength)
    .map(({ buffer }) => buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer);
}
