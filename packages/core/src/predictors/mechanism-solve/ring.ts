/**
 * Places of the outermost values of a section, where f is the boundary data: the first row and the last
 * one, from left to right, then the first column and the last one, from top to bottom, without corners.
 */
export function ringPlaces(height: number, width: number): Int32Array {
  const places = new Int32Array(2 * (height + width) - 4);
  let at = 0;
  for (let x = 0; x < width; x++) places[at++] = x;
  for (let x = 0; x < width; x++) places[at++] = (height - 1) * width + x;
  for (let y = 1; y < height - 1; y++) places[at++] = y * width;
  for (let y = 1; y < height - 1; y++) places[at++] = (y + 1) * width - 1;
  return places;
}
