/** Peers that no package brings: executables that the reader has built, named by environment variables. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Name of the codec -> the variable that names its executable, and a request as it takes it; the protocols
 * are in bench/README.md.
 */
export const losslessExecutables = {
  variables: { ALP: "FIELDZIP_ALP", ndzip: "FIELDZIP_NDZIP" },
  argumentsOf: ({ path, dtype, shape, least }) => [path, dtype, `${least}`, ...shape.map(String)],
};
export const lossyExecutables = {
  variables: { HPEZ: "FIELDZIP_HPEZ", TTHRESH: "FIELDZIP_TTHRESH" },
  argumentsOf: ({ path, decoded, shape, error }) => [
    ...[path, decoded, `${error}`],
    ...shape.map(String),
  ],
};

/**
 * The codecs whose variables are set. `ask` takes the requests that the peers in Python take; an executable
 * that fails is an answer with an error.
 * @param {typeof losslessExecutables | typeof lossyExecutables} peers
 * @param {Record<string, string | undefined>} environment
 */
export async function startExecutables({ variables, argumentsOf }, environment = process.env) {
  const paths = Object.fromEntries(
    Object.entries(variables)
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
    ask: (request) => answerOf(paths[request.codec], argumentsOf(request)),
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
