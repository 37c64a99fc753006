import type { Encoder } from "@fieldzip/kernels";
import type { FloatArray } from "../array/data-type.js";
import type { Effort, Guarantee, PredictorName } from "../options.js";
import type { Bounds } from "../quantise/bounds.js";
import type { Section, StreamHeader } from "../stream/header.js";
import type { Relation } from "./mechanism/joint/order.js";

/** What a predictor may know of a chunk besides its values. */
export interface EncodeOptions {
  readonly effort: Effort;
  /** The axis of a joint array's chunk along which the variables stand. */
  readonly variableAxis?: number;
  /** What the variables of such a chunk say of each other, where a sample showed it. */
  readonly relations?: readonly Relation[];
  /** What values may be off by, where the guarantee is `bounded`. */
  readonly bounds?: Bounds;
}

/** One way to predict the values of a chunk, in any worker. What a registry entry must be; see CONTRIBUTING.md. */
export interface LocalPredictor {
  readonly kind: "local";
  readonly name: PredictorName;
  /** Its number in the stream header, for ever. */
  readonly number: number;
  readonly guarantees: readonly Guarantee["kind"][];
  /** Whether `auto` tries it. */
  readonly automatic: boolean;
  /**
   * Encodes a chunk exactly, or within bounds where it offers that. Returns the sections of its stream; undefined where this predictor has
   * nothing to offer for such values.
   */
  encode(
    values: FloatArray,
    shape: readonly number[],
    kernels: Encoder,
    options: EncodeOptions,
  ): readonly Section[] | undefined;
  /** What a stream of this predictor says about itself, for `inspect`. */
  describe(stream: Uint8Array, header: StreamHeader): PredictorDescription;
}

export interface PredictorDescription {
  /** `constant`, `stencil`, `raw`: how the values are represented. */
  readonly mode: string;
  /** The learned operator as an equation, where there is one. */
  readonly equation?: string;
  /** More facts, by name. */
  readonly details?: Readonly<Record<string, string | number>>;
  /** Of a joint chunk, every variable in the order of the axis. */
  readonly variables?: readonly VariableDescription[];
}

/** One variable of a joint chunk; other variables are named by their numbers. */
export interface VariableDescription extends PredictorDescription {
  /** Bytes of the stream that are its own. */
  readonly bytes: number;
  /** The sum of products of other variables that it is predicted from, where there is one. */
  readonly law?: readonly { readonly coefficient: number; readonly factors: readonly number[] }[];
  /** Other variables that its stencil uses. */
  readonly helpers?: readonly number[];
}
