// npm run setup: installs the npm packages if they are not those of the lockfile, then builds.
// Safe to run again at any time; does nothing where nothing is to do.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { root, run, say } from "./run.mjs";

export function setup() {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20) {
    console.error(`fieldzip needs Node 20 or newer; this is Node ${process.versions.node}`);
    return false;
  }
  if (!packagesInstalled()) {
    say("npm ci: installing the packages of package-lock.json");
    // Through the shell on Windows, where npm is a .cmd file.
    if (!run("npm", ["ci"], { shell: process.platform === "win32" })) return false;
  }
  return build();
}

/** Whether node_modules holds the versions that package-lock.json names. */
function packagesInstalled() {
  const installedPath = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedPath)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedPath, "utf8")).packages;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (!path.startsWith("node_modules/")) return true;
    // Optional packages are those of other platforms.
    if (!(path in installed)) return optional === true;
    return link === true || installed[path].version === version;
  });
}

if (resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = setup() ? 0 : 1;
}
