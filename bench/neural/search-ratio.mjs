/** The setting at which a codec reaches a ratio. */

/**
 * @template T
 * @typedef {{ error: number, ratio: number, value: T }} Tried
 */

/**
 * @template T
 * @param {number} target
 * @param {(error: number) => Promise<{ ratio: number, value: T }>} measure a larger error gives a larger ratio
 * @param {Tried<T>[]} tried what is known of this codec; more is added
 * @returns {Promise<Tried<T>>} within `tolerance` of the target, or the nearest there is: some codecs know steps only
 */
export async function searchRatio(target, measure, tried, { tolerance = 0.01, most = 9 } = {}) {
  const off = ({ ratio }) => Math.abs(Math.log(ratio / target));
  const nearest = () => tried.reduce((best, next) => (off(next) < off(best) ? next : best));
  for (let turn = 0; turn < most; turn++) {
    if (tried.length > 0 && off(nearest()) < tolerance) break;
    const error = nextError(target, tried, turn);
    if (tried.some((known) => Math.abs(Math.log(known.error / error)) < 1e-4)) break;
    tried.push({ error, ...(await measure(error)) });
  }
  return nearest();
}

/** In logarithms: along the line through the two neighbours of the target, every third time halfway. */
function nextError(target, tried, turn) {
  const sorted = [...tried].sort((a, b) => a.error - b.error);
  const above = sorted.find(({ ratio }) => ratio >= target);
  const below = sorted.findLast(({ ratio, error }) => ratio < target && !(error > above?.error));
  if (!above || !below) return above ? above.error / 4 : below ? below.error * 4 : 4e-3;
  const share =
    turn % 3 === 2 ? 0.5 : Math.log(target / below.ratio) / Math.log(above.ratio / below.ratio);
  return below.error * (above.error / below.error) ** Math.min(0.95, Math.max(0.05, share));
}
