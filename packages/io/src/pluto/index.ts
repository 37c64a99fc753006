export { isPlutoFileName, openPluto, type PlutoOptions } from "./open.js";
export { writePluto } from "./write.js";
