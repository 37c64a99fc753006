import type { DatasetSource, VariableSource } from "@fieldzip/core";
import { openFile } from "../files/file.js";
import { readHeader } from "./header.js";
import { readClassicBox } from "./read.js";

/**
 * Opens a NetCDF classic file: CDF-1, CDF-2 (64-bit offset) or CDF-5 (64-bit data). Only the header
 * is read. Throws `format`, `truncated`, `limit` or `unsupported` where the header is not valid;
 * reading values beyond the end of the file throws `truncated`.
 */
export async function openNetcdfClassic(path: string): Promise<DatasetSource> {
  const file = await openFile(path);
  try {
    const header = await readHeader(file);
    return {
      format: "netcdf",
      location: path,
      dimensions: header.dimensions.map(({ name, size, record }) =>
        record ? { name, size, unlimited: true } : { name, size },
      ),
      groups: [{ path: "", attributes: header.attributes }],
      variables: header.variables.map(
        (variable): VariableSource => ({
          name: variable.name,
          dataType: variable.dataType,
          shape: variable.dimensions.map((dimension) => dimension.size),
          dimensions: variable.dimensions.map((dimension) => dimension.name),
          attributes: variable.attributes,
          readBox: (box, signal) => readClassicBox(file, variable, header.recordBytes, box, signal),
        }),
      ),
      original: { kind: "netcdf-classic", version: header.version },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
