export { openNpy } from "./open.js";
export { writeNpy } from "./write.js";
