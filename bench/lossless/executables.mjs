/** Peers that no package brings: executables that the reader has built, named by environment variables. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Name of the codec -> the variable that names its executable; the protocol is in bench/README.md. */
export const executables = { ALP: "FIELDZIP_ALP", ndzip: "FIELDZIP_NDZIP" };

/**
 * The codecs whose variables are set. `ask` takes the requests that `packages/cli/peers.py` takes;
 * an executable that fails is an answer with an error.
 * @param {Record<string, string | undefined>} environment
 */
export async function startExecutables(environment = process.env) {
  const paths = Object.fromEntries(
    Object.entries(executables)
      .map(([codec, variable]) => [codec, environment[variable]])
      .filter(([, path]) => path),
  );
  const versions = {};
  for (const [codec, path] of Object.entries(paths)) {
    versions[codec] = (await answerOf(path, ["--version"])).version ?? "of unknown version";
  }
  return {
    codecs: Object.keys(paths),
    versions,
    ask: ({ codec, path, dtype, shape, least }) =>
      answerOf(paths[codec], [path, dtype, String(least), ...shape.map(String)]),
  };
}

async function answerOf(executable, args) {
  try {
    const { stdout } = await run(executable, args);
    return JSON.parse(stdout);
  } catch (error) {
    return { error: `${executable}: ${error.message}` };
  }
}
