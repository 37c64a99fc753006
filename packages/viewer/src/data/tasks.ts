import { registerTask } from "@fieldzip/core";

/** Adds what the page counts beside decoding to what this worker can run. */
export function registerViewerTasks(): void {
  registerTask("none", () => undefined);
}
