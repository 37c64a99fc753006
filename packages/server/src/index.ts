/** Archives over HTTP: plain Zarr v3 for every tool, and the stored bytes beside it. */
export { type RunningServer, type ServeOptions, startServer } from "./http.js";
export { defaultLimits, type ServerLimits } from "./limits.js";
export { pageFolder } from "./page.js";
export type { Listed, Site } from "./site.js";
