export const report = (r) => JSON.stringify(r, null, 1);
