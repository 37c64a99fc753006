import { bytesOfField, type Field } from "@fieldzip/core/render";

/** Whole fields that were read, under a bound of bytes; those not used for longest go first. */
export class FieldCache {
  private readonly fields = new Map<string, Field>();
  private bytes = 0;

  constructor(private readonly most: number) {}

  get(key: string): Field | undefined {
    const found = this.fields.get(key);
    if (!found) return undefined;
    this.fields.delete(key);
    this.fields.set(key, found);
    return found;
  }

  /** Keeps a field, if it fits at all. */
  set(key: string, field: Field): void {
    this.delete(key);
    const size = bytesOfField(field);
    if (size > this.most) return;
    this.fields.set(key, field);
    this.bytes += size;
    for (const [oldest] of this.fields) {
      if (this.bytes <= this.most) break;
      this.delete(oldest);
    }
  }

  /** Forgets what belongs to a source that was closed. */
  deleteAll(prefix: string): void {
    for (const key of [...this.fields.keys()]) if (key.startsWith(prefix)) this.delete(key);
  }

  get size(): number {
    return this.bytes;
  }

  private delete(key: string): void {
    const found = this.fields.get(key);
    if (!found) return;
    this.fields.delete(key);
    this.bytes -= bytesOfField(found);
  }
}
