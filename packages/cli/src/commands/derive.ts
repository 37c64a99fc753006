import { openDataset, outputFormats, writeDataset } from "@fieldzip/io";
import { derive, gridPlaces } from "@fieldzip/neural";
import { formatBytes, formatCount } from "../format.js";
import { gridOptions, gridRequestOf, isGridRequest } from "../grid-options.js";
import { choiceOf, integerOf, namesOf, positionOf, vectorsOf } from "../option-values.js";
import { methodLines, methodsOf, samplerOf } from "../sampling.js";
import { createThreadPool } from "../threads.js";
import { type CommandDescription, forceOption, threadsOption } from "./command.js";

export const deriveCommand: CommandDescription = {
  name: "derive",
  summary: "write gradients, divergences and curls as a file",
  details:
    "Derivatives are those of an archive's networks, where it holds some; else central differences. They are by\n" +
    "the dataset's coordinates, and by cell where it has none. A vector's component along the last axis comes first.",
  arguments: [
    { name: "archive", help: "an archive, or any file that describes itself" },
    { name: "output", help: "file or folder to write" },
  ],
  options: [
    { flags: "--gradient <names>", help: "of these variables, such as rho,prs" },
    {
      flags: "--divergence <vectors>",
      help: "such as Bx1,Bx2,Bx3, or several: vx1,vx2,vx3:Bx1,Bx2,Bx3",
    },
    { flags: "--curl <vectors>", help: "such as vx1,vx2,vx3" },
    {
      flags: "--average <cells>",
      help: "average derivatives of networks over so many cells (default: 0)",
    },
    { flags: "--index", help: "by cell, not by the dataset's coordinates" },
    ...gridOptions,
    { flags: "--to <format>", help: outputFormats.join(", ") },
    threadsOption,
    forceOption,
  ],
  examples: [
    "fieldzip derive run.zarr curl.nc --curl vx1,vx2,vx3",
    "fieldzip derive run.zarr slopes.nc --gradient rho --divergence Bx1,Bx2,Bx3 --time 0",
  ],

  async run([location, target], options, { signal, onProgress }) {
    const request = {
      gradient: namesOf(options, "gradient"),
      divergence: vectorsOf(options, "divergence"),
      curl: vectorsOf(options, "curl"),
    };
    const grid = gridRequestOf(options);
    const average = positionOf(options, "average") ?? 0;
    const by = options.index === true ? "index" : "physical";
    const to = choiceOf(options, "to", outputFormats);
    const force = options.force === true;
    const pool = createThreadPool(integerOf(options, "threads", 0, 1024));
    try {
      const started = performance.now();
      const dataset = await openDataset(location, { pool, signal });
      try {
        const names = Object.values(request).flatMap((one) => one?.flat() ?? []);
        const chosen = names.map((name) => dataset.variable(name));
        const places = isGridRequest(grid) ? gridPlaces(dataset, grid, chosen) : undefined;
        const sampler = samplerOf(dataset, { pool });
        const derived = await derive(sampler, request, { places, by, average, signal });
        const methods = methodsOf(sampler, [...new Set(names)]);
        const written = await writeDataset(derived, target, { to, force, signal, onProgress });
        const averaged = average > 0 ? `, averaged over ${formatCount(average, "cell")}` : "";
        const words = {
          network: `from the derivatives of their networks${averaged}`,
          interpolation: "by central differences",
        };
        return {
          text: [
            `${formatBytes(written.bytes)} written to ${target}`,
            ...methodLines(methods, words),
          ].join("\n"),
          json: {
            output: target,
            files: written.files,
            bytes: written.bytes,
            seconds: (performance.now() - started) / 1000,
            variables: derived.variables.map(({ name }) => name),
            methods,
            average,
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
