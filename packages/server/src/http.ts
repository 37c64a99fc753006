import { type EventEmitter, once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { FieldzipError, type WorkerPool } from "@fieldzip/core";
import type { LinkRule } from "@fieldzip/io";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { cors } from "hono/cors";
import type { Asked } from "./answer.js";
import { isLoopbackHost, pathParts, refusalOf } from "./guard.js";
import { defaultLimits, type ServerLimits } from "./limits.js";
import { pageName, ViewerPage } from "./page.js";
import { json, Site } from "./site.js";

export interface ServeOptions {
  /** Archives (folder, `.zip`, URL), or anything else that `openDataset` opens. */
  readonly locations: readonly string[];
  /** Default 127.0.0.1. Any address that is not this machine's own needs `token`. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** What a client must show, as `Authorization: Bearer …` or `?token=…`. At least 8 characters. */
  readonly token?: string;
  /** Origins whose pages may read, or `*`. Default none. */
  readonly cors?: readonly string[];
  readonly limits?: Partial<ServerLimits>;
  /** Where symbolic links in an archive's folder may lead. Default `inside`: an archive may come from anybody. */
  readonly links?: LinkRule;
  /** Where chunks are decoded. Without one they are decoded inline. */
  readonly pool?: WorkerPool;
  /** Told of errors that are not the client's. */
  readonly onError?: (error: unknown) => void;
}

export interface RunningServer {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  readonly site: Site;
  /** Where the page is that shows the archives; undefined where it was not built. */
  readonly page: string | undefined;
  /** Stops listening, ends every connection, closes the archives. */
  close(): Promise<void>;
}

/**
 * Serves archives over HTTP: under `/zarr/<name>` as plain Zarr v3 that any tool reads, under `/raw/<name>` as they are, and
 * under `/view/` the page that shows them. The only file that knows Hono. Rejects where an archive cannot be opened or the address is taken.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 0, token } = options;
  checkAccess(host, token);
  const limits = { ...defaultLimits, ...options.limits };
  const site = new Site(options.locations, limits, options.pool, options.links);
  try {
    await site.list();
    const page = await ViewerPage.open();
    const server = createServer(appOf(site, page, limits, options), limits);
    server.listen(port, host);
    await listening(server, host, port);
    const address = server.address() as AddressInfo;
    const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
    const url = `http://${name}:${address.port}`;
    return {
      url,
      site,
      page: page && `${url}/${pageName}/`,
      async close() {
        const closed = once(server, "close");
        server.close();
        server.closeAllConnections();
        await closed;
        await site.close();
      },
    };
  } catch (error) {
    await site.close();
    throw error;
  }
}

type Bindings = { Bindings: HttpBindings };

function appOf(
  site: Site,
  page: ViewerPage | undefined,
  limits: ServerLimits,
  options: ServeOptions,
): Hono<Bindings> {
  const app = new Hono<Bindings>();
  app.use(async (context, next) => {
    const { incoming } = context.env;
    const { headers, method = "GET", url = "/" } = incoming;
    const hasBody =
      headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
    const { host, authorization } = headers;
    const isPublic = page !== undefined && pathParts(url)?.[0] === pageName;
    const asked = { method, url, host, authorization, hasBody, isPublic };
    const refusal = refusalOf(asked, options.token, limits);
    if (!refusal) return next();
    // What is left of the request is not waited for.
    context.header("Connection", "close");
    if (refusal.status === 401) context.header("WWW-Authenticate", "Bearer");
    if (refusal.status === 405) context.header("Allow", "GET, HEAD, OPTIONS");
    return context.json({ error: { tag: "usage", message: refusal.message } }, refusal.status);
  });
  app.use(async (context, next) => {
    await next();
    // Chunks are data, never a page, whatever their bytes look like.
    context.header("X-Content-Type-Options", "nosniff");
  });
  const origins = options.cors ?? [];
  if (origins.length > 0) {
    app.use(
      cors({
        origin: origins.includes("*") ? "*" : [...origins],
        allowMethods: ["GET", "HEAD"],
        allowHeaders: ["Range", "Authorization", "If-None-Match", "If-Range"],
        exposeHeaders: ["Content-Range", "Content-Length", "Accept-Ranges", "ETag"],
        maxAge: 600,
      }),
    );
  }
  app.get("*", async (context) => {
    const parts = pathParts(context.env.incoming.url ?? "/");
    if (!parts) return json(400, { error: { tag: "usage", message: "a path expected" } });
    const { asked, gone } = askedOf(context);
    const { url = "/" } = context.env.incoming;
    const answer =
      (parts[0] === pageName && (await page?.respond(url, parts, asked))) ||
      (await site.respond(parts, asked, gone));
    limitTime(context, answer, limits);
    return answer;
  });
  app.onError((error) => {
    options.onError?.(error);
    return json(500, { error: { tag: "internal", message: "an error of fieldzip itself" } });
  });
  return app;
}

/** What of a request its answer depends on. */
function askedOf({ env: { incoming, outgoing } }: Context<Bindings>): {
  asked: Asked;
  gone: AbortSignal;
} {
  const waiting: (() => void)[] = [];
  const controller = new AbortController();
  onEnd(incoming.socket, outgoing, () => {
    controller.abort();
    for (const done of waiting.splice(0)) done();
  });
  const asked: Asked = {
    isHead: incoming.method === "HEAD",
    header: (name) => {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    onClosed(done) {
      if (controller.signal.aborted) done();
      else waiting.push(done);
    },
  };
  return { asked, gone: controller.signal };
}

/** Cuts off whoever takes an answer so slowly that it would hold memory for ever. */
function limitTime(
  { env: { incoming, outgoing } }: Context<Bindings>,
  answer: Response,
  limits: ServerLimits,
): void {
  const bytes = Number(answer.headers.get("content-length") ?? 0);
  const most = limits.answerMs + bytes / limits.answerBytesPerMs;
  const timer = setTimeout(() => incoming.socket.destroy(), Math.min(most, 2 ** 31 - 1));
  onEnd(incoming.socket, outgoing, () => clearTimeout(timer));
}

const unanswered = new WeakMap<Socket, Set<() => void>>();

/** Calls back once: when the answer was sent, or its connection ended. An answer that waits behind others gets no `close`. */
function onEnd(socket: Socket, outgoing: EventEmitter, done: () => void): void {
  let ends = unanswered.get(socket);
  if (!ends) {
    const all = new Set<() => void>();
    unanswered.set(socket, all);
    socket.once("close", () => {
      for (const end of all) end();
    });
    ends = all;
  }
  const known = ends;
  const end = () => {
    if (known.delete(end)) done();
  };
  known.add(end);
  outgoing.once("close", end);
  if (socket.destroyed) end();
}

function createServer(app: Hono<Bindings>, limits: ServerLimits): Server {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      maxHeaderSize: limits.headBytes,
      headersTimeout: limits.requestMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: Math.min(5000, limits.silentMs),
      connectionsCheckingInterval: Math.max(100, Math.min(2000, limits.requestMs / 2)),
    },
  }) as Server;
  server.maxConnections = limits.connections;
  server.setTimeout(limits.silentMs);
  return server;
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  try {
    await once(server, "listening");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FieldzipError(
      "io",
      {
        where: `${host}, port ${port}`,
        expected: "an address to listen at",
        found: code === "EADDRINUSE" ? "one that is in use" : message,
        remedy: "choose another with --port (0 for any that is free) or --host",
      },
      error,
    );
  }
}

function checkAccess(host: string, token: string | undefined): void {
  if (token !== undefined && !/^[\x21-\x7e]{8,512}$/.test(token)) {
    throw new FieldzipError("usage", {
      where: "--token",
      expected: "8 to 512 printable characters without spaces",
      found: `${token.length} characters`,
      remedy: "choose a longer one, such as the output of `openssl rand -hex 16`",
    });
  }
  if (token !== undefined || isLoopbackHost(host)) return;
  throw new FieldzipError("usage", {
    where: `--host ${host}`,
    expected: "--token, because others can reach this address",
    found: "none",
    remedy: "add --token with a secret of your choice, or set FIELDZIP_TOKEN",
  });
}
