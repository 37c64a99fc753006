// A worker for the tests: it runs the tasks of training over messages.
import { parentPort } from "node:worker_threads";
import { runTask } from "@fieldzip/core";
import { registerNetworkTasks } from "@fieldzip/neural";

registerNetworkTasks();
parentPort.on("message", ({ task, input }) => {
  parentPort.postMessage(runTask(task, input));
});
