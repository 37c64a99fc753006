import type { Dataset, Json, VariableSource } from "@fieldzip/core";
import { unpackBytes } from "../files/packed-text.js";
import type { PlacedFile, Placement } from "../files/placed.js";
import { recordOf, variableOriginal } from "../original.js";
import { cellsOf } from "./coordinates.js";
import { parseGrid } from "./grid.js";
import { type Cells, dataTypeOf, placeOfOwnFile, placesOfSingleFile } from "./layout.js";
import { type OutputRecord, type Precision, parseOutputTable, precisions } from "./output-table.js";
import { contradiction, type RunPlan } from "./plan.js";

interface RunVariable {
  readonly name: string;
  readonly source: VariableSource;
  readonly numbers: readonly number[];
  readonly stagger: number | undefined;
  readonly places: (Placement | undefined)[];
}

/**
 * The folder as it was read. Undefined where the dataset no longer says how that was (a part of
 * it, say); a typed error where it contradicts itself.
 */
export function planOriginalRun(dataset: Dataset, original: Json | undefined): RunPlan | undefined {
  const kept = recordOf(original);
  const outputs = recordOf(kept?.outputs);
  if (!kept || !outputs) return undefined;
  const where = dataset.location;
  const gridBytes = unpackBytes(kept.grid, `${where}, grid.out`);
  const grid = parseGrid(Buffer.from(gridBytes).toString("latin1"), `${where}, grid.out`);
  const cells = cellsOf(grid);
  const texts = [{ name: "grid.out", bytes: gridBytes }];
  const files: PlacedFile[] = [];
  const variables: RunVariable[] = [];
  for (const precision of precisions) {
    const output = recordOf(outputs[precision]);
    if (!output) continue;
    const table = `${where}, ${precision}.out`;
    const bytes = unpackBytes(output.table, table);
    const records = parseOutputTable(Buffer.from(bytes).toString("latin1"), table);
    const found = runVariables(dataset, precision, numbersOf(output.numbers));
    if (found.length === 0) return undefined;
    files.push(...placeRecords(records, precision, cells, found, table));
    texts.push({ name: `${precision}.out`, bytes });
    variables.push(...found);
  }
  if (variables.length === 0) return undefined;
  return {
    texts,
    files,
    variables: variables.map(({ source, places, name }) => ({
      source,
      places: places.map((place) => {
        if (place) return place;
        throw contradiction(`${where}, variable ${name}`, "an output for every step", "fewer");
      }),
    })),
  };
}

function runVariables(
  dataset: Dataset,
  precision: Precision,
  all: readonly number[],
): RunVariable[] {
  return dataset.variables.flatMap(({ source }) => {
    const original = variableOriginal(source.original, "pluto");
    if (original?.precision !== precision || typeof original.variable !== "string") return [];
    const numbers = original.numbers === undefined ? all : numbersOf(original.numbers);
    const where = `${dataset.location}, variable ${source.name}`;
    if (source.dataType !== dataTypeOf(precision) || source.shape[0] !== numbers.length) {
      throw contradiction(
        where,
        `${dataTypeOf(precision)} for ${numbers.length} steps`,
        `${source.dataType} of shape ${source.shape.join(" x ")}`,
      );
    }
    const { stagger, variable } = original;
    return [
      {
        name: variable,
        source,
        numbers,
        stagger: stagger === 0 || stagger === 1 || stagger === 2 ? stagger : undefined,
        places: numbers.map(() => undefined),
      },
    ];
  });
}

/** Gives every step of every variable its place; returns the files that hold them. */
function placeRecords(
  records: readonly OutputRecord[],
  precision: Precision,
  cells: Cells,
  variables: readonly RunVariable[],
  where: string,
): PlacedFile[] {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const indexOf = new Map(
    variables.map(({ name, numbers }) => [name, new Map(numbers.map((n, index) => [n, index]))]),
  );
  const files: PlacedFile[] = [];
  for (const record of records) {
    const present = record.variables.filter((name) => indexOf.get(name)?.has(record.number));
    if (present.length === 0) continue;
    if (record.files === "single_file" && present.length < record.variables.length) {
      throw contradiction(where, record.variables.join(" "), present.join(" "));
    }
    const staggerOf = (name: string) => byName.get(name)?.stagger;
    const layouts =
      record.files === "single_file"
        ? [placesOfSingleFile(record, precision, cells, record.variables.map(staggerOf))]
        : present.map((name) => {
            const own = placeOfOwnFile(record, precision, cells, name, staggerOf(name));
            return { ...own, places: [own.place] };
          });
    for (const { file, size, places } of layouts) {
      files.push({ path: file, size });
      for (const { variable, array } of places) {
        const target = byName.get(variable);
        const index = indexOf.get(variable)?.get(record.number);
        if (!target || index === undefined) continue;
        if (target.source.shape.slice(1).join() !== array.shape.join()) {
          throw contradiction(
            `${where}, variable ${variable}`,
            `the grid's shape ${array.shape.join(" x ")}`,
            target.source.shape.slice(1).join(" x "),
          );
        }
        target.places[index] = { path: file, array };
      }
    }
  }
  return files;
}

function numbersOf(value: Json | undefined): number[] {
  return Array.isArray(value)
    ? value.filter((item): item is number => typeof item === "number")
    : [];
}
