export { openHdf5 } from "./open.js";
export { type WriteNetcdf4Options, writeNetcdf4 } from "./write.js";
