/** `fieldzip view` as a user starts it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../machine.mjs";

export async function view(...paths) {
  const bin = join(root, "packages/cli/dist/bin.js");
  const child = spawn(process.execPath, [bin, "view", ...paths, "--no-open", "--json"]);
  const url = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (part) => {
      text += part;
      const found = /"url":\s*"([^"]+)"/.exec(text);
      if (found) resolve(found[1]);
    });
    child.on("exit", (code) => reject(new Error(`fieldzip view ended with ${code}`)));
  });
  return { url, stop: () => child.kill("SIGINT") };
}
