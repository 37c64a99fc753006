import { mkdtempSync, rmSync } from "node:fs";
import { type Agent, type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createArchive } from "@fieldzip/io";
import { afterAll } from "vitest";
import { planOf, type TestArray, valuesOf, writeAll } from "../../io/test/support/small-archive.js";
import { type RunningServer, type ServeOptions, startServer } from "../src/index.js";

export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A new folder that goes away with the test file. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "fieldzip-server-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const float = (path: string, shape: number[], chunk: number[], shard = chunk): TestArray => ({
  path,
  dataType: "float32",
  shape,
  chunk,
  shard,
  dimensions: shape.length === 3 ? ["time", "y", "x"] : ["y", "x"],
  data: valuesOf("float32", shape),
  codec: "fieldzip",
  predictor: "auto",
  attributes: {
    units: { type: "char", values: ["kg m-3"] },
    _FillValue: { type: "float32", values: [-1] },
    missing_value: { type: "float64", values: [1e20] },
  },
});

/** Arrays of every kind: sharded, with edges, of integers and text, a scalar, joint, in a group. */
export const arrays: TestArray[] = [
  float("rho", [3, 7, 11], [1, 4, 5], [2, 8, 10]),
  {
    ...float("grp/single", [7, 11], [7, 11]),
    dataType: "float64",
    data: valuesOf("float64", [7, 11]),
  },
  {
    path: "x",
    dataType: "float64",
    shape: [11],
    chunk: [4],
    dimensions: ["x"],
    data: Float64Array.from({ length: 11 }, (_, i) => i / 2),
  },
  {
    path: "count",
    dataType: "int64",
    shape: [7, 11],
    chunk: [3, 5],
    shard: [6, 5],
    dimensions: ["y", "x"],
    data: valuesOf("int64", [7, 11]),
  },
  {
    path: "name",
    dataType: "string",
    shape: [11],
    chunk: [4],
    dimensions: ["x"],
    data: valuesOf("string", [11]),
  },
  {
    path: "letters",
    dataType: "char",
    shape: [7],
    chunk: [7],
    dimensions: ["y"],
    data: Uint8Array.from([102, 105, 101, 108, 100, 122, 0]),
  },
  {
    path: "scalar",
    dataType: "float64",
    shape: [],
    chunk: [],
    dimensions: [],
    data: Float64Array.of(42),
  },
  {
    path: "joint_0",
    dataType: "float32",
    shape: [3, 2, 7],
    chunk: [2, 2, 7],
    shard: [4, 2, 7],
    dimensions: ["time", "joint_0_variable", "y"],
    data: valuesOf("float32", [3, 2, 7]),
    codec: "fieldzip",
    predictor: "auto",
    joint: {
      axis: 1,
      members: [
        { name: "vx1", attributes: { units: { type: "char", values: ["m s-1"] } } },
        { name: "vx2", attributes: {} },
      ],
    },
  },
];

/** Writes them as an archive, or those whose plan `keep` takes. */
export async function writeArchive(target: string, some = arrays, force = false): Promise<string> {
  const sink = await createArchive(target, { force });
  for (const array of some) await writeAll(sink, array);
  const used = new Set(some.flatMap((array) => planOf(array).dimensions));
  const dimensions = [
    { name: "time", size: 3, unlimited: true },
    { name: "y", size: 7 },
    { name: "x", size: 11 },
  ];
  await sink.publish({
    format: "netcdf",
    dimensions: dimensions.filter(({ name }) => used.has(name)),
    groups: [
      { path: "", attributes: { title: { type: "char", values: ["a run"] } } },
      ...(some.some(({ path }) => path.startsWith("grp/"))
        ? [{ path: "grp", attributes: {} }]
        : []),
    ],
  });
  return target;
}

/** Starts a server that ends with the test file. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const server = await startServer(options);
  running.push(server);
  return server;
}
const running: RunningServer[] = [];
afterAll(async () => {
  await Promise.all(running.splice(0).map((server) => server.close().catch(() => {})));
});

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request exactly as written: `fetch` would tidy the path. */
export function ask(
  url: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; agent?: Agent; body?: string } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const { body, ...rest } = options;
    const sent = request({ hostname, port, path, agent: false, ...rest }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, body: Buffer.concat(parts) });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
