// A headless browser for the browser test: the one that is there, else Debian's package.
import { existsSync } from "node:fs";
import { capture, run, say } from "./run.mjs";

const candidates = [
  process.env.FIELDZIP_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Path of a Chromium, installing it where that is allowed; undefined where there is none. */
export function provideChromium() {
  const found = findChromium();
  if (found || !existsSync("/usr/bin/apt-get")) return found;
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (prefix.length > 0 && capture("sudo", ["-n", "true"]) === undefined) return undefined;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, "apt-get", "-qq", ...args];
    return run(command, rest, { env, timeout: 300_000 });
  };
  say("installing Chromium for the browser test (apt-get install chromium)");
  if (!apt("update") || !apt("install", "-y", "--no-install-recommends", "chromium")) {
    return undefined;
  }
  return findChromium();
}

function findChromium() {
  return candidates.find((path) => path && existsSync(path));
}
