export { type VtkFormat, writeVtk } from "./write.js";
