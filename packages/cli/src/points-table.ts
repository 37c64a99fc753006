/** Points as text: a head that names the columns, then a line a point. */
import { FieldzipError } from "@fieldzip/core";

export interface PointsTable {
  readonly columns: Readonly<Record<string, Float64Array>>;
  readonly count: number;
}

/** Columns are separated by commas, semicolons, tabs or blanks; lines that begin with # do not count. */
export function parsePoints(text: string, where: string): PointsTable {
  const lines = text
    .split(/\r?\n/)
    .map((line, k) => ({ line: line.trim(), number: k + 1 }))
    .filter(({ line }) => line !== "" && !line.startsWith("#"));
  const [head, ...rows] = lines;
  const names = head ? cellsOf(head.line).map((cell) => cell.replace(/^"(.*)"$/, "$1")) : [];
  const named = names.every((name) => name !== "" && !isNumber(name));
  if (!head || !named || new Set(names).size < names.length || rows.length === 0) {
    throw new FieldzipError("format", {
      where,
      expected: "a line of column names, such as z,y,x, and a line a point",
      found: head ? JSON.stringify(head.line.slice(0, 60)) : "nothing",
      remedy: "name every column after a dimension, once",
    });
  }
  const columns = names.map(() => new Float64Array(rows.length));
  rows.forEach(({ line, number }, row) => {
    const cells = cellsOf(line);
    if (cells.length !== names.length || !cells.every(isNumber)) {
      throw new FieldzipError("format", {
        where: `${where}, line ${number}`,
        expected: `${names.length} finite numbers`,
        found: JSON.stringify(line.slice(0, 60)),
        remedy: "correct the line, or begin it with # to leave it out",
      });
    }
    cells.forEach((cell, k) => {
      columns[k][row] = Number(cell);
    });
  });
  // Not an object literal: a column may be called __proto__.
  return {
    columns: Object.fromEntries(names.map((name, k) => [name, columns[k]])),
    count: rows.length,
  };
}

/** The table again with further columns, separated by commas. `single`: of these, those of float32. */
export function formatPoints(
  { columns, count }: PointsTable,
  values: readonly {
    readonly name: string;
    readonly values: Float64Array;
    readonly single: boolean;
  }[],
): string {
  const head = [...Object.keys(columns), ...values.map(({ name }) => name)].map(quoted).join(",");
  const lines = [head];
  const lists = Object.values(columns);
  for (let row = 0; row < count; row++) {
    const cells = lists.map((list) => `${list[row]}`);
    // Nine digits are enough for a single-precision number to be read back as it is.
    for (const { values: list, single } of values) {
      cells.push(`${single ? Number(list[row].toPrecision(9)) : list[row]}`);
    }
    lines.push(cells.join(","));
  }
  return lines.join("\n");
}

function cellsOf(line: string): string[] {
  const separator = [",", ";", "\t"].find((one) => line.includes(one)) ?? /\s+/;
  return line.split(separator).map((cell) => cell.trim());
}

function isNumber(text: string): boolean {
  return text !== "" && Number.isFinite(Number(text));
}

function quoted(name: string): string {
  return /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
