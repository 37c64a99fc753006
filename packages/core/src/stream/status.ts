import { type ErrorTag, FieldzipError } from "../errors.js";
import { sectionName, VERSION } from "./header.js";

/** What the decoder's status numbers (kernels `assembly/status.ts`) mean, as errors. */
export function errorOfStatus(status: number, detail: number, where: string): FieldzipError {
  const damaged =
    "the archive is damaged; restore it from a copy, or read the rest with decompress --skip-damaged";
  const newer = "read it with a newer release of fieldzip";
  const errors: Record<number, [ErrorTag, string, string, string]> = {
    1: ["truncated", "a whole stream", "one that ends early", damaged],
    2: [
      "format",
      "a fieldzip stream (FZIP)",
      "other bytes",
      "this is not a fieldzip stream; check what was given",
    ],
    3: ["unsupported", `stream version ${VERSION}`, `version ${detail}`, newer],
    4: ["unsupported", "data type 1 (float32) or 2 (float64)", `data type ${detail}`, newer],
    5: ["unsupported", "a guarantee that this release knows", `guarantee ${detail}`, newer],
    6: ["unsupported", "a predictor that this release knows", `predictor ${detail}`, newer],
    7: ["format", "a valid stream header", "one out of bounds", damaged],
    8: ["checksum", "the header's checksum", "another", damaged],
    9: ["checksum", `the checksum of the ${sectionName(detail)}`, "another", damaged],
    10: ["shape", "a stream of the chunk's shape and type", "another", damaged],
    11: ["format", "the sections of a stream", `a fault at ${sectionName(detail)}`, damaged],
    12: ["format", "valid side information", "other bytes", damaged],
    13: ["format", "residual classes that end where their section ends", "others", damaged],
    14: ["format", "residual bits that end where their section ends", "others", damaged],
    15: [
      "limit",
      "memory for the chunk",
      "none left",
      "close other programs, or use fewer threads",
    ],
    16: ["unsupported", "a mode that this release knows", "another", newer],
    17: ["format", "a source term that ends where its section ends", "another", damaged],
    20: [
      "format",
      "residual blocks and a mask that end where their sections end",
      "others",
      damaged,
    ],
    21: ["format", "a model that ends where its section ends", "another", damaged],
    18: ["format", "boundary data that ends where its section ends", "other data", damaged],
  };
  const [tag, expected, found, remedy] = errors[status] ?? [
    "format",
    "a known status",
    `${status}`,
    damaged,
  ];
  return new FieldzipError(tag, { where, expected, found, remedy });
}
