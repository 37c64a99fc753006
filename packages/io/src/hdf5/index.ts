export { openHdf5 } from "./open.js";
