import { readFile, stat } from "node:fs/promises";
import { text as readText } from "node:stream/consumers";
import { FieldzipError } from "@fieldzip/core";
import { openDataset } from "@fieldzip/io";
import { samplePoints } from "@fieldzip/neural";
import { integerOf, namesOf, textOf } from "../option-values.js";
import { formatPoints, parsePoints } from "../points-table.js";
import { fieldNames, samplerOf } from "../sampling.js";
import { createThreadPool } from "../threads.js";
import { type CommandDescription, threadsOption } from "./command.js";

/** Bytes of a file of points: some millions of them. */
const mostBytes = 2 ** 28;

export const sampleCommand: CommandDescription = {
  name: "sample",
  summary: "values at points, anywhere in the grid",
  details:
    "The points are a table with a column a dimension and a line of their names; it comes back with a column\n" +
    "a variable. Values come from an archive's networks, where it holds some; else they are interpolated.",
  arguments: [{ name: "archive", help: "an archive, or any file that describes itself" }],
  options: [
    { flags: "--points <file>", help: "table of points (.csv), - for standard input" },
    { flags: "--variable <names>", help: "only these, such as rho,vx1 (default: all of floats)" },
    {
      flags: "--index",
      help: "points are index positions from 0 on, not coordinates of the dataset",
    },
    threadsOption,
  ],
  examples: [
    "fieldzip sample run.zarr --points probes.csv",
    "fieldzip sample run.zarr --points - --index --variable rho < probes.csv",
  ],

  async run([location], options, { signal, onProgress }) {
    const source = textOf(options, "points");
    if (source === undefined) {
      throw new FieldzipError("usage", {
        where: "--points",
        expected: "a file, or -",
        found: "none",
        remedy: "say where the values are wanted, as in --points probes.csv",
      });
    }
    const by = options.index === true ? "index" : "physical";
    const names = namesOf(options, "variable");
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    try {
      const table = parsePoints(await readPoints(source, signal), source);
      const dataset = await openDataset(location, { pool, signal });
      try {
        const variables = names ?? fieldNames(dataset);
        const sampler = samplerOf(dataset, { pool });
        const found = await samplePoints(sampler, {
          ...{ points: table.columns, variables, by, signal, onProgress },
        });
        const columns = found.map(({ name, values }) => {
          const single = dataset.variable(name).dataType === "float32";
          return { name, values, single };
        });
        return {
          text: formatPoints(table, columns),
          json: {
            archive: location,
            count: table.count,
            points: Object.fromEntries(
              Object.entries(table.columns).map(([name, list]) => [name, [...list]]),
            ),
            values: Object.fromEntries(found.map(({ name, values }) => [name, [...values]])),
            methods: Object.fromEntries(found.map(({ name, method }) => [name, method])),
          },
        };
      } finally {
        await dataset.close();
      }
    } finally {
      await pool.close();
    }
  },
};

async function readPoints(source: string, signal: AbortSignal): Promise<string> {
  if (source === "-") return readText(process.stdin);
  try {
    const { size } = await stat(source);
    if (size > mostBytes) {
      throw new FieldzipError("limit", {
        where: source,
        expected: `a table of at most ${mostBytes} bytes`,
        found: `${size}`,
        remedy: "sample in several parts",
      });
    }
    return await readFile(source, { encoding: "utf8", signal });
  } catch (error) {
    if (error instanceof FieldzipError || signal.aborted) throw error;
    throw new FieldzipError(
      "io",
      {
        where: source,
        found: error instanceof Error ? error.message : String(error),
        remedy: "name a file that can be read",
      },
      error,
    );
  }
}
