import { FieldzipError } from "@fieldzip/core";

export const geometries = ["CARTESIAN", "SPHERICAL", "POLAR", "CYLINDRICAL"] as const;
export type Geometry = (typeof geometries)[number];

/** Names of x1, x2 and x3. In cylindrical coordinates (r, z) PLUTO has no third direction. */
export const axisNames: Record<Geometry, readonly [string, string, string]> = {
  CARTESIAN: ["x", "y", "z"],
  SPHERICAL: ["r", "theta", "phi"],
  POLAR: ["r", "phi", "z"],
  CYLINDRICAL: ["r", "z", "phi"],
};

/** The edges of the cells along one direction: `left[i]` to `right[i]`. */
export interface GridAxis {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** What `grid.out` says: x1, x2 and x3, in this order. */
export interface Grid {
  readonly geometry: Geometry;
  readonly axes: readonly [GridAxis, GridAxis, GridAxis];
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?$/;

/**
 * Parses `grid.out`: comments, then for x1, x2 and x3 a count and as many lines `i xl xr`
 * (PLUTO 4.1 and later) or `i xl xc xr dx` (earlier).
 */
export function parseGrid(text: string, path: string): Grid {
  const lines = text.split("\n");
  let geometry: Geometry = "CARTESIAN";
  let at = 0;

  function fail(expected: string, found: string | undefined): never {
    throw new FieldzipError(found === undefined ? "truncated" : "format", {
      where: `${path}, line ${at + 1}`,
      expected,
      found: found === undefined ? "the end of the file" : JSON.stringify(found.slice(0, 60)),
      remedy: "grid.out is damaged or not PLUTO's; take the one from the run's folder",
    });
  }
  /** The next line that is neither empty nor a comment. */
  function next(): string | undefined {
    for (; at < lines.length; at++) {
      const line = lines[at].trim();
      if (line === "") continue;
      if (!line.startsWith("#")) return line;
      const found = /^#\s*GEOMETRY:\s*(\S+)/.exec(line)?.[1];
      if (found === undefined) continue;
      if (!(geometries as readonly string[]).includes(found)) {
        fail(`a geometry out of ${geometries.join(", ")}`, found);
      }
      geometry = found as Geometry;
    }
    return undefined;
  }
  function axis(name: string): GridAxis {
    const line = next();
    if (line === undefined || !/^\d{1,9}$/.test(line))
      fail(`the number of cells along ${name}`, line);
    const count = Number(line);
    if (count < 1) fail(`at least one cell along ${name}`, line);
    // The lines are there already: a count that they do not earn allocates nothing.
    if (count > lines.length) {
      at = lines.length;
      fail(`${count} cells along ${name}`, undefined);
    }
    at++;
    const left = new Float64Array(count);
    const right = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const cell = next();
      const words = cell?.split(/\s+/);
      const columns = words?.length === 5 ? [1, 3] : [1, 2];
      if (!words || (words.length !== 3 && words.length !== 5) || Number(words[0]) !== i + 1) {
        fail(`cell ${i + 1} of ${count} along ${name} as "i xl xr"`, cell);
      }
      const edges = columns.map((column) => words[column]);
      if (!edges.every((edge) => number.test(edge))) fail("two numbers as edges", cell);
      [left[i], right[i]] = edges.map((edge) => Number(edge.replace(/[dD]/, "e")));
      at++;
    }
    return { left, right };
  }

  const axes = [axis("x1"), axis("x2"), axis("x3")] as const;
  const rest = next();
  if (rest !== undefined) fail("nothing more", rest);
  return { geometry, axes };
}

/** Writes a grid in PLUTO 4's form. */
export function formatGrid(grid: Grid): string {
  const rule = "# ******************************************************";
  const counts = grid.axes.map((axis) => axis.left.length);
  const dimensions = Math.max(1, counts.filter((count) => count > 1).length);
  const head = [
    rule,
    "# Grid file in PLUTO layout, written by fieldzip",
    "# ",
    `# DIMENSIONS: ${dimensions}`,
    `# GEOMETRY:   ${grid.geometry}`,
  ];
  grid.axes.forEach(({ left, right }, a) => {
    const from = left[0].toFixed(6).padStart(9);
    const to = right[counts[a] - 1].toFixed(6).padStart(9);
    head.push(`# X${a + 1}: [${from}, ${to}], ${counts[a]} point(s), 0 ghosts`);
  });
  const body = grid.axes.flatMap(({ left, right }) => [
    `${left.length} `,
    ...Array.from(left, (_, i) => ` ${i + 1}   ${scientific(left[i])}    ${scientific(right[i])}`),
  ]);
  return `${[...head, rule, ...body].join("\n")}\n`;
}

/** C's `%.12e`: an exponent of at least two digits. */
export function scientific(value: number, digits = 12): string {
  return value.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2");
}
