/** The other compressors: a Python process that measures one call at a time. */
import { join } from "node:path";
import { root } from "../machine.mjs";
import { startPython } from "../peers/python.mjs";

/** `ask` sends one request and resolves to its answer; ask one at a time. */
export async function startPeers() {
  const { ask, close } = startPython({
    requirements: "requirements.txt",
    environment: ".venv",
    /** The one that `fieldzip bench` uses. */
    script: join(root, "packages/cli/peers.py"),
  });
  const { codecs, versions } = await ask({ list: true });
  return { codecs, versions, ask, close };
}
