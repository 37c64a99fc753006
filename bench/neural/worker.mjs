// A worker that takes part in training: fieldzip's own, with the tasks of the networks.
import { registerNetworkTasks } from "@fieldzip/neural";

registerNetworkTasks();
await import("../../packages/cli/dist/worker.js");
