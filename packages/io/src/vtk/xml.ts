import type { IntegerType, NumericType } from "@fieldzip/core";
import { type StraightGrid, spacingOf } from "./grid.js";

// The XML formats of VTK, as its "VTK File Formats" describes them: version 1.0, appended raw data, headers of 64 bits.

/** An array of the appended data: of one component. */
export interface AppendedArray {
  readonly name: string;
  readonly dataType: NumericType;
  /** Bytes of its values. */
  readonly bytes: number;
  readonly units?: string;
}

/** The text of a file, and where the values of its arrays begin. */
export interface VtkText {
  readonly head: Uint8Array;
  /** Of the values of each array: those of the grid first, then those of the data. */
  readonly offsets: readonly number[];
  readonly tail: Uint8Array;
}

/** Bytes before each appended array: their count. */
export const LENGTH_BYTES = 8;

const tail = new TextEncoder().encode("\n  </AppendedData>\n</VTKFile>\n");

/**
 * A grid with its data. `ImageData` where the grid is to be one (its axes are equally spaced), else `RectilinearGrid`,
 * whose first three arrays are its places along x, y and z.
 */
export function vtkText(
  kind: "ImageData" | "RectilinearGrid",
  grid: StraightGrid,
  data: readonly AppendedArray[],
  time: number | undefined,
): VtkText {
  const { lines, centring } = grid;
  const extent = lines.map(({ places }) => `0 ${places.length - 1}`).join(" ");
  const coordinates = kind === "RectilinearGrid" ? coordinateArrays(grid) : [];
  const arrays = [...coordinates, ...data];
  const starts: number[] = [];
  let end = 0;
  for (const { bytes } of arrays) {
    starts.push(end);
    end += LENGTH_BYTES + bytes;
  }
  const element = (array: AppendedArray, k: number) => dataArray(array, starts[k]);
  const values = data.map((array, k) => element(array, coordinates.length + k));
  const [point, cell] = centring === "cell" ? [[], values] : [values, []];
  const text = [
    `<?xml version="1.0"?>`,
    `<VTKFile type="${kind}" version="1.0" byte_order="LittleEndian" header_type="UInt64">`,
    `  <${kind} WholeExtent="${extent}"${kind === "ImageData" ? imagePlace(grid) : ""}>`,
    ...(time === undefined ? [] : timeValue(time)),
    `    <Piece Extent="${extent}">`,
    ...section("PointData", point),
    ...section("CellData", cell),
    ...(kind === "RectilinearGrid" ? section("Coordinates", coordinates.map(element)) : []),
    `    </Piece>`,
    `  </${kind}>`,
    `  <AppendedData encoding="raw">`,
    `   _`,
  ].join("\n");
  const head = new TextEncoder().encode(text);
  return { head, offsets: starts.map((start) => head.length + start + LENGTH_BYTES), tail };
}

/** The places of a rectilinear grid as arrays. */
export function coordinateArrays({ lines }: StraightGrid): AppendedArray[] {
  return ["x", "y", "z"].map((name, k) => ({
    name,
    dataType: "float64",
    bytes: lines[k].places.byteLength,
  }));
}

/** The files of several steps as one dataset: what ParaView opens. */
export function collectionText(steps: readonly { readonly file: string; readonly time: number }[]) {
  const sets = steps.map(
    ({ file, time }) =>
      `    <DataSet timestep="${time}" group="" part="0" file="${escaped(file)}"/>`,
  );
  return [
    `<?xml version="1.0"?>`,
    `<VTKFile type="Collection" version="1.0" byte_order="LittleEndian">`,
    "  <Collection>",
    ...sets,
    "  </Collection>",
    "</VTKFile>",
    "",
  ].join("\n");
}

function imagePlace({ lines }: StraightGrid): string {
  const places = lines.map(
    (line) => spacingOf(line) ?? { origin: Number.NaN, spacing: Number.NaN },
  );
  const list = (numbers: readonly number[]) => numbers.join(" ");
  const origin = list(places.map((place) => place.origin));
  const spacing = list(places.map((place) => place.spacing));
  return ` Origin="${origin}" Spacing="${spacing}" Direction="1 0 0 0 1 0 0 0 1"`;
}

function timeValue(time: number): string[] {
  return [
    "    <FieldData>",
    `      <DataArray type="Float64" Name="TimeValue" NumberOfTuples="1" format="ascii">${time}</DataArray>`,
    "    </FieldData>",
  ];
}

function section(name: string, content: readonly string[]): string[] {
  return content.length === 0
    ? [`      <${name}/>`]
    : [`      <${name}>`, ...content, `      </${name}>`];
}

function dataArray({ name, dataType, units }: AppendedArray, offset: number): string {
  const start = `        <DataArray type="${typeName(dataType)}" Name="${escaped(name)}" format="appended" offset="${offset}"`;
  if (units === undefined) return `${start}/>`;
  const key = `<InformationKey name="UNITS_LABEL" location="vtkDataArray">${escaped(units)}</InformationKey>`;
  return `${start}>${key}</DataArray>`;
}

function typeName(type: NumericType): string {
  if (type === "float32" || type === "float64") return type === "float32" ? "Float32" : "Float64";
  const integer: IntegerType = type;
  return integer.startsWith("u")
    ? `UInt${integer.slice("uint".length)}`
    : `Int${integer.slice("int".length)}`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** As it may stand in XML: what no XML can hold becomes a question mark. */
function escaped(text: string): string {
  const possible = [...text]
    .map((character) => ((character.codePointAt(0) ?? 0) < 32 ? "?" : character))
    .join("");
  return possible.replace(/[&<>"]/g, (character) => entities[character]);
}
