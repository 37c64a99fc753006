import { once } from "node:events";
import { throwIfAborted } from "@fieldzip/core";
import type { Listed } from "@fieldzip/server";
import { formatCount } from "../format.js";
import { integerOf, sizeOf, textOf } from "../option-values.js";
import { createThreadPool } from "../threads.js";
import { type CommandDescription, threadsOption } from "./command.js";

const defaultPort = 8080;

export const serveCommand: CommandDescription = {
  name: "serve",
  summary: "offer archives over HTTP to any Zarr tool",
  details:
    "Chunks are decoded when they are asked for; readers need no plugin. The stored bytes lie\n" +
    "beside them. Answers to this machine alone unless --host is given. Ctrl-C ends it.",
  arguments: [{ name: "archive...", help: "archives, or any files that compress takes" }],
  options: [
    { flags: "--port <n>", help: `where to listen, 0 for any free one (default: ${defaultPort})` },
    { flags: "--host <address>", help: "such as 0.0.0.0, for others to reach; needs --token" },
    {
      flags: "--token <secret>",
      help: "what clients must show (default: FIELDZIP_TOKEN, else none)",
    },
    {
      flags: "--cors <origins>",
      help: "web pages that may read: https://a.org,https://b.org or *",
    },
    { flags: "--memory <size>", help: "decoded chunks to hold at most (default: 512MB)" },
    {
      flags: "--follow-links",
      help: "also serve what symbolic links lead to outside an archive's folder",
    },
    threadsOption,
  ],
  examples: [
    "fieldzip serve run.zarr",
    "fieldzip serve run.zarr original.nc --port 9000 --cors '*'",
    "FIELDZIP_TOKEN=$(openssl rand -hex 16) fieldzip serve run.zarr --host 0.0.0.0",
  ],

  async run(locations, options, { signal, announce }) {
    const port = integerOf(options, "port", 0, 65535) ?? defaultPort;
    const host = textOf(options, "host");
    const token = textOf(options, "token") ?? (process.env.FIELDZIP_TOKEN || undefined);
    const cors = textOf(options, "cors")
      ?.split(",")
      .map((origin) => origin.trim());
    const decodedBytes = sizeOf(options, "memory");
    const { startServer } = await import("@fieldzip/server");
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    try {
      throwIfAborted(signal);
      const server = await startServer({
        ...{ locations, host, port, token, cors, pool },
        links: options.followLinks === true ? "anywhere" : "inside",
        limits: { decodes: pool.size + 1, ...(decodedBytes ? { decodedBytes } : {}) },
        onError: (error) => process.stderr.write(`fieldzip: ${error}\n`),
      });
      try {
        const archives = (await server.site.list()).map((one) => absolute(one, server.url));
        announce({
          text: announcement(archives, token),
          json: { url: server.url, archives, token: token !== undefined },
        });
        if (!signal.aborted) await once(signal, "abort");
      } finally {
        await server.close();
      }
      return undefined;
    } finally {
      await pool.close();
    }
  },
};

function absolute(one: Listed, url: string): Listed {
  // An address that means any is not one to connect to.
  const base = url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
  return { ...one, zarr: base + one.zarr, raw: one.raw && base + one.raw };
}

function announcement(archives: readonly Listed[], token: string | undefined): string {
  const lines = archives.flatMap(({ name, zarr, raw, variables }) => [
    `${name}, ${formatCount(variables.length, "variable")}`,
    `  as plain Zarr     ${zarr}`,
    ...(raw ? [`  as it is stored   ${raw}`] : []),
  ]);
  const login = `storage_options={"client_kwargs": {"headers": {"Authorization": "Bearer TOKEN"}}}`;
  const options = token === undefined ? "" : `,\n    ${login}`;
  const example = `In Python: xarray.open_zarr("${archives[0].zarr}"${options})`;
  return [...lines, "", example, "Ctrl-C ends."].join("\n");
}
