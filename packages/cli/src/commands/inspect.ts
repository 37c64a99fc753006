import { basename } from "node:path";
import { countOf, type Dataset, FieldzipError, type Variable } from "@fieldzip/core";
import { openDataset } from "@fieldzip/io";
import { type Inspection, inspect } from "../inspect.js";
import { inspectionText } from "../inspect-report.js";
import { namesOf, textOf } from "../option-values.js";
import { fieldPicture } from "../plot/field-picture.js";
import { preparePicture } from "../plot/picture-file.js";
import { readSlice } from "../plot/slice.js";
import { openOptionsOf, rawOptions } from "../raw-options.js";
import { type CommandDescription, forceOption } from "./command.js";

export const inspectCommand: CommandDescription = {
  name: "inspect",
  summary: "show what is inside, and what was learned",
  details:
    "Reads metadata and a few chunk headers; decodes nothing but the slice that --plot shows.",
  arguments: [{ name: "input", help: "an archive, or any file that compress takes" }],
  options: [
    { flags: "--variable <names>", help: "all about these, such as rho,vx1" },
    {
      flags: "--plot <file>",
      help: "write a slice and what prediction missed as a picture (.svg, .png)",
    },
    forceOption,
    ...rawOptions,
  ],
  examples: [
    "fieldzip inspect run.zarr",
    "fieldzip inspect run.zarr --variable rho",
    "fieldzip inspect run.zarr --variable rho --plot rho.svg",
  ],

  async run([location], options, { signal, onProgress }) {
    const variables = namesOf(options, "variable");
    const plot = textOf(options, "plot");
    const openOptions = openOptionsOf(options);
    const write =
      plot === undefined
        ? undefined
        : await preparePicture(plot, { force: options.force === true });
    const dataset = await openDataset(location, { ...openOptions, signal });
    try {
      const inspection = await inspect(dataset, { variables, signal });
      const text = inspectionText(inspection, variables !== undefined);
      if (!write) return { text, json: inspection };
      const variable = variableToPlot(dataset, variables);
      const slice = await readSlice(dataset, variable, { signal, onProgress });
      await write(fieldPicture(slice, captionOf(inspection, variable)));
      return { text: `${text}\nwritten to ${plot}`, json: { ...inspection, plot } };
    } finally {
      await dataset.close();
    }
  },
};

/** The one that was named, else the largest that was predicted. */
function variableToPlot(dataset: Dataset, names: readonly string[] | undefined): Variable {
  if (names !== undefined && names.length !== 1) {
    throw new FieldzipError("usage", {
      where: "--variable",
      expected: "one variable for --plot",
      found: names.join(","),
      remedy: "plot them one after another",
    });
  }
  if (names) return dataset.variable(names[0]);
  const extended = dataset.variables.filter(
    ({ shape }) => shape.filter((extent) => extent > 1).length >= 2,
  );
  const floats = extended.filter(({ dataType }) => dataType.startsWith("float"));
  const [first, ...rest] = floats.length > 0 ? floats : extended;
  if (!first) {
    throw new FieldzipError("usage", {
      where: dataset.location,
      expected: "a variable with two axes or more",
      found: "none",
      remedy: "there is nothing to plot",
    });
  }
  return rest.reduce(
    (most, next) => (countOf(next.shape) > countOf(most.shape) ? next : most),
    first,
  );
}

function captionOf({ location, variables }: Inspection, { name, shape }: Variable) {
  const stored = variables.find((variable) => variable.name === name)?.stored;
  return {
    archive: basename(location),
    bitsPerValue: stored && (8 * stored.bytes) / Math.max(1, countOf(shape)),
  };
}
