import { openDataset } from "@fieldzip/io";
import { inspect } from "../inspect.js";
import { inspectionText } from "../inspect-report.js";
import { namesOf } from "../option-values.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import type { CommandDescription } from "./command.js";

export const inspectCommand: CommandDescription = {
  name: "inspect",
  summary: "show what is inside, and what was learned",
  details: "Reads metadata and a few chunk headers; decodes nothing.",
  arguments: [{ name: "input", help: "an archive, or any file that compress takes" }],
  options: [
    { flags: "--variable <names>", help: "all about these, such as rho,vx1" },
    ...rawOptions,
  ],
  examples: ["fieldzip inspect run.zarr", "fieldzip inspect run.zarr --variable rho"],

  async run([location], options, { signal }) {
    const variables = namesOf(options, "variable");
    const dataset = await openDataset(location, { ...openOptionsOf(options), signal });
    try {
      const inspection = await inspect(dataset, { variables, signal });
      return { text: inspectionText(inspection, variables !== undefined), json: inspection };
    } finally {
      await dataset.close();
    }
  },
};
