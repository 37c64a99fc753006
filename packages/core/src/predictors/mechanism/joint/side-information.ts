import { ByteReader, ByteWriter } from "./bytes.js";

export const MODE_JOINT = 5;

/** One variable of a joint chunk as its side information lists it, in decoding order. */
export interface JointEntry {
  readonly variable: number;
  readonly side: Uint8Array;
  /** Kinds and lengths of the parts of the stream's other sections that are its own. */
  readonly parts: readonly { readonly kind: number; readonly length: number }[];
}

export interface JointInformation {
  /** Blocks before the axis of the variables: steps. */
  readonly steps: number;
  readonly entries: readonly JointEntry[];
}

export function writeJoint({ steps, entries }: JointInformation): Uint8Array {
  const to = new ByteWriter();
  to.u8(MODE_JOINT);
  to.u32(steps);
  to.u8(entries.length);
  for (const { variable, side, parts } of entries) {
    to.u8(variable);
    to.u32(side.length);
    to.u8(parts.length);
    for (const { kind, length } of parts) {
      to.u8(kind);
      to.u32(length);
    }
    to.bytes(side);
  }
  return to.finish();
}

/** Reads side information whose checksum was verified; for people, as `readSideInformation` is. */
export function readJoint(bytes: Uint8Array): JointInformation {
  const from = new ByteReader(bytes, 1);
  const steps = from.u32();
  const entries = Array.from({ length: from.u8() }, (): JointEntry => {
    const variable = from.u8();
    const length = from.u32();
    const parts = Array.from({ length: from.u8() }, () => ({
      kind: from.u8(),
      length: from.u32(),
    }));
    return { variable, parts, side: from.bytes(length) };
  });
  return { steps, entries };
}
