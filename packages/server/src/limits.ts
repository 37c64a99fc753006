/** What a server does at most, whoever asks. Every bound that a client can run into stands here. */
export interface ServerLimits {
  /** Bytes of decoded chunks, kept and being sent together. */
  readonly decodedBytes: number;
  /** Chunks that are read and decoded at once. */
  readonly decodes: number;
  /** Requests that may wait for a chunk; one more is told to come back (503). */
  readonly waiting: number;
  /** Milliseconds until a chunk must be there; then 503. */
  readonly chunkMs: number;
  /** Milliseconds in which a request's head must have come. */
  readonly requestMs: number;
  /** Milliseconds that a connection may be silent. */
  readonly silentMs: number;
  /** Milliseconds to take any answer, and for a large one bytes a millisecond: who is slower is cut off. */
  readonly answerMs: number;
  readonly answerBytesPerMs: number;
  /** Bytes of a request's head, its URL included. */
  readonly headBytes: number;
  /** Characters of a URL. */
  readonly urlLength: number;
  readonly connections: number;
  /** Bytes of a stored object in one piece: what a raw answer holds in memory. */
  readonly pieceBytes: number;
}

export const defaultLimits: ServerLimits = {
  decodedBytes: 512 * 2 ** 20,
  decodes: 4,
  waiting: 20_000,
  chunkMs: 60_000,
  requestMs: 10_000,
  silentMs: 30_000,
  answerMs: 60_000,
  answerBytesPerMs: 50,
  headBytes: 16 * 2 ** 10,
  urlLength: 4096,
  connections: 2048,
  pieceBytes: 2 ** 20,
};
