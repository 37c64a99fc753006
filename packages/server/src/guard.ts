import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { ServerLimits } from "./limits.js";

/** What of a request decides whether it is answered at all. */
export interface Request {
  readonly method: string;
  /** As it was sent: path and query. */
  readonly url: string;
  readonly host: string | undefined;
  readonly authorization: string | undefined;
  readonly hasBody: boolean;
  /** Whether it is for what everybody may have: then no token is asked for. */
  readonly isPublic?: boolean;
}

export interface Refusal {
  readonly status: 400 | 401 | 403 | 405 | 413 | 414;
  readonly message: string;
}

/** Why a request is refused, or undefined. `token` is asked for where there is one; else the host must be this machine. */
export function refusalOf(
  request: Request,
  token: string | undefined,
  { urlLength }: Pick<ServerLimits, "urlLength">,
): Refusal | undefined {
  if (request.url.length > urlLength) return { status: 414, message: "a shorter URL expected" };
  if (request.hasBody) return { status: 413, message: "no body expected" };
  if (!["GET", "HEAD", "OPTIONS"].includes(request.method)) {
    return { status: 405, message: "GET or HEAD expected: archives are read only" };
  }
  if (token === undefined) {
    // A page of somebody else's whose name was made to point here must not read what this user may.
    if (isLoopbackHost(request.host)) return undefined;
    return { status: 403, message: "this server answers to localhost alone" };
  }
  if (request.method === "OPTIONS" || request.isPublic || hasToken(request, token))
    return undefined;
  return { status: 401, message: "a token expected: Authorization: Bearer …, or ?token=…" };
}

export function isLoopbackHost(host: string | undefined): boolean {
  const name = (host ?? "")
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return (isIP(name) === 4 && name.startsWith("127.")) || name === "::1";
}

function hasToken({ url, authorization }: Request, token: string): boolean {
  const bearer = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
  const query = url.indexOf("?");
  const asked = query < 0 ? null : new URLSearchParams(url.slice(query + 1)).get("token");
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return [bearer, asked].some(
    (given) => given != null && timingSafeEqual(digest(given), digest(token)),
  );
}

/** The parts of a path, each decoded by itself; undefined where it names nothing that could lie in an archive. */
export function pathParts(url: string): string[] | undefined {
  const path = url.split(/[?#]/, 1)[0];
  if (!path.startsWith("/")) return undefined;
  try {
    const parts = path.slice(1).split("/").map(decodeURIComponent);
    // A slash at the end is one way to name the root of an archive.
    if (parts.at(-1) === "") parts.pop();
    return parts.every(isName) ? parts : undefined;
  } catch {
    return undefined;
  }
}

function isName(part: string): boolean {
  if (part === "" || part === "." || part === "..") return false;
  return [...part].every((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code >= 32 && code !== 127 && character !== "/" && character !== "\\";
  });
}
