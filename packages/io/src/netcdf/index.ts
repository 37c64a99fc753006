export { openNetcdfClassic } from "./classic.js";
