export { splitName } from "./names.js";
export { openSteps, type StepsOptions } from "./open.js";
export { asOneFile, cannotSplit, canSplit, type FileWriter, writeSteps } from "./write.js";
