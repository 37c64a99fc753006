/** Milliseconds that a frame may take while something moves, and one that is drawn at rest. */
const movingMs = 30;
const restMs = 1200;
const leastScale = 0.12;
/** A frame this small that takes longer than one at rest may has compiled shaders: it says nothing about drawing. */
const smallScale = 0.3;

/** How finely a frame is drawn. */
export interface Fineness {
  /** Pixels along an edge, of those that the screen has. */
  readonly scale: number;
  /** Steps along a ray are so many times as long. */
  readonly coarseness: number;
}

/**
 * Decides how finely to draw from how long frames took: as finely as keeps up while something moves, then finer in steps,
 * as far as a frame at rest may take. On a fast GPU every frame is drawn in full.
 */
export class Pace {
  /** Milliseconds that a full frame would take, by the last ones. */
  private full?: number;
  private last?: { readonly share: number; readonly milliseconds: number };
  private isUnsure = true;

  took(fineness: Fineness, milliseconds: number): void {
    const share = shareOf(fineness);
    if (this.isUnsure && fineness.scale <= smallScale && milliseconds > movingMs) {
      // The first frame of a kind: measured again.
      this.isUnsure = false;
      this.last = undefined;
      return;
    }
    this.last = { share, milliseconds };
    const found = milliseconds / share;
    // Of a small frame much is not drawing: a larger one knows better, and what is slower now is slower now.
    const isBetter = this.full === undefined || share > 0.3 || found < this.full;
    this.full = isBetter ? found : 0.7 * this.full! + 0.3 * found;
  }

  /** Shaders were made anew: the next frame takes longer than those after it. */
  startsAnew(): void {
    this.isUnsure = true;
  }

  get moving(): Fineness {
    if (this.full === undefined) return { scale: 0.25, coarseness: 1.5 };
    if (this.full <= movingMs) return { scale: 1, coarseness: 1 };
    const coarseness = this.full > 4 * movingMs ? 1.5 : 1;
    const scale = Math.sqrt((movingMs * coarseness) / this.full);
    return { scale: Math.max(leastScale, Math.min(1, scale)), coarseness };
  }

  /** The next finer frame after one at rest; undefined where it is as fine as it gets. */
  finer(now: Fineness): Fineness | undefined {
    if (!this.last) return now;
    if (now.scale === 1 && now.coarseness === 1) return undefined;
    const times = restMs / this.last.milliseconds;
    if (times < 1.6) return undefined;
    // Not more than nine times as much at once: the estimate gets better on the way.
    const share = shareOf(now) * Math.min(9, times);
    return { scale: Math.min(1, Math.sqrt(share)), coarseness: 1 };
  }
}

function shareOf({ scale, coarseness }: Fineness): number {
  return (scale * scale) / coarseness;
}
