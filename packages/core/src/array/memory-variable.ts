import { extractBox } from "./box.js";
import type { DataType, NumericArray } from "./data-type.js";
import type { Attribute, Attributes, VariableSource } from "./dataset.js";

/** A small variable whose values a reader has already, such as a coordinate. */
export function memoryVariable(
  name: string,
  dataType: Exclude<DataType, "string">,
  dimensions: readonly string[],
  shape: readonly number[],
  data: NumericArray,
  attributes: Attributes = {},
): VariableSource {
  return {
    name,
    dataType,
    shape,
    dimensions,
    attributes,
    readBox: async (box) => extractBox(dataType, data, shape, box),
  };
}

/** A text attribute. */
export function textAttribute(value: string): Attribute {
  return { type: "char", values: [value], scalar: true };
}
