import { FieldzipError } from "@fieldzip/core";

/** The Python literals that a `.npy` header may hold; lists and tuples are both arrays. */
export type Literal = string | number | boolean | null | Literal[] | Map<string, Literal>;

const depthLimit = 16;

/** Parses one Python literal and the blanks around it. A damaged one is a typed error with its offset. */
export function parseLiteral(text: string, where: string): Literal {
  let at = 0;

  function fail(expected: string): never {
    throw new FieldzipError("format", {
      where: `${where}, character ${at}`,
      expected,
      found: at < text.length ? JSON.stringify(text.slice(at, at + 20)) : "the end of the header",
      remedy: "the file is damaged or was not written by NumPy",
    });
  }
  function skip(): void {
    while (at < text.length && " \t\r\n".includes(text[at])) at++;
  }
  function take(token: string): boolean {
    skip();
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  }
  function need(token: string): void {
    if (!take(token)) fail(token);
  }

  function string(quote: string): string {
    const end = text.indexOf(quote, at);
    const value = end < 0 ? "" : text.slice(at, end);
    // Escapes do not occur in types of numbers; refusing them is better than half of Python's rules.
    if (end < 0 || value.includes("\\")) fail("a plain string");
    at = end + 1;
    return value;
  }
  function sequence(close: string, depth: number): Literal[] {
    const values: Literal[] = [];
    while (!take(close)) {
      values.push(value(depth));
      if (!take(",")) {
        need(close);
        break;
      }
    }
    return values;
  }
  function dictionary(depth: number): Map<string, Literal> {
    const entries = new Map<string, Literal>();
    while (!take("}")) {
      const key = value(depth);
      if (typeof key !== "string" || entries.has(key)) fail("different strings as keys");
      need(":");
      entries.set(key, value(depth));
      if (!take(",")) {
        need("}");
        break;
      }
    }
    return entries;
  }
  function number(): number {
    // Python 2 wrote `128L`.
    const digits = /^(\d{1,16})L?(?![\w.])/.exec(text.slice(at, at + 20));
    const size = digits ? Number(digits[1]) : Number.NaN;
    if (!digits || !Number.isSafeInteger(size)) fail("a whole number");
    at += digits[0].length;
    return size;
  }
  function value(depth: number): Literal {
    if (depth > depthLimit) fail("no deeper nesting");
    if (take("{")) return dictionary(depth + 1);
    if (take("(")) return parenthesised(depth + 1);
    if (take("[")) return sequence("]", depth + 1);
    if (take("'")) return string("'");
    if (take('"')) return string('"');
    if (take("True")) return true;
    if (take("False")) return false;
    if (take("None")) return null;
    return number();
  }
  /** `(3)` is a number in brackets, `(3,)` a tuple. */
  function parenthesised(depth: number): Literal {
    const start = at;
    const values = sequence(")", depth);
    return values.length === 1 && !text.slice(start, at).includes(",") ? values[0] : values;
  }

  const result = value(0);
  skip();
  // Some writers pad with zero bytes.
  while (at < text.length && text[at] === "\0") at++;
  if (at < text.length) fail("nothing more");
  return result;
}
