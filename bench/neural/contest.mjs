/** What contestants in JavaScript have in common; the protocol is that of bench/peers/contest.py. */
import { createInterface } from "node:readline";
import { psnrOf } from "@fieldzip/core";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** The next request; without any the process ends. */
export async function nextRequest() {
  const { value, done } = await lines.next();
  if (done) process.exit(0);
  return JSON.parse(value);
}

export function answer(object) {
  process.stdout.write(`${JSON.stringify(object)}\n`);
}

/** Of all threads of this process. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Coordinates from -1 to 1 of every so many-th value. */
export function pointsOf(lengths, every) {
  const total = lengths.reduce((a, b) => a * b, 1);
  const count = Math.ceil(total / every);
  const points = new Float32Array(count * lengths.length);
  for (let i = 0; i < count; i++) {
    let rest = i * every;
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      const place = rest % lengths[axis];
      points[i * lengths.length + axis] = (2 * place) / (lengths[axis] - 1) - 1;
      rest = (rest - place) / lengths[axis];
    }
  }
  return points;
}

/** Mean PSNR over the variables at those points. @param {ArrayLike<number>[]} decoded a variable each */
export function meanPsnr({ variables }, scalings, decoded, every) {
  const psnrs = variables.map((values, v) => {
    let squares = 0;
    for (let i = 0; i < decoded[v].length; i++) squares += (values[i * every] - decoded[v][i]) ** 2;
    return psnrOf(scalings[v].range, Math.sqrt(squares / decoded[v].length));
  });
  return psnrs.reduce((a, b) => a + b, 0) / psnrs.length;
}

/** The numbers from 0 to `count` - 1 in some order. */
export function shuffled(count) {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}
