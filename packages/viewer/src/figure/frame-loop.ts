import { type Fineness, Pace } from "../scene/pace.js";

/** Milliseconds without a change after which what is seen is at rest. */
const restAfterMs = 140;

export interface Frames {
  /** Draws now; returns whether it was work whose fineness matters. */
  draw(fineness: Fineness): boolean;
  /** Resolves when what was drawn is on the screen, or about to be. */
  done(): Promise<void>;
  /** Told whether frames are still to come. */
  onState(state: "moving" | "still"): void;
}

const full: Fineness = { scale: 1, coarseness: 1 };

/** Draws when something changed, one frame after another and never two at once, and more finely once it rests. */
export class FrameLoop {
  private readonly pace = new Pace();
  private isDirty = false;
  private isBusy = false;
  private isQueued = false;
  private isHeavy = false;
  private changed = 0;
  private rest?: ReturnType<typeof setTimeout>;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly frames: Frames,
    /** Draws every frame like this, whatever it takes: for pictures that are compared. */
    private readonly fixed?: Fineness,
  ) {}

  /** Whether what is seen is what was asked for last, as finely as it will be. */
  get isStill(): boolean {
    return !this.isDirty && !this.isBusy && !this.isQueued;
  }

  /** Resolves when what is asked for now is drawn as finely as it will be. */
  whenStill(): Promise<void> {
    this.request();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Something changed. */
  request(): void {
    this.isDirty = true;
    this.changed = performance.now();
    clearTimeout(this.rest);
    this.frames.onState("moving");
    if (this.isBusy || this.isQueued) return;
    this.isQueued = true;
    requestAnimationFrame(() => {
      this.isQueued = false;
      void this.frame(this.fixed ?? (this.isHeavy ? this.pace.moving : full));
    });
  }

  private async frame(fineness: Fineness): Promise<void> {
    this.isDirty = false;
    this.isBusy = true;
    const started = performance.now();
    this.isHeavy = this.frames.draw(fineness);
    await this.frames.done();
    this.isBusy = false;
    if (this.isHeavy) this.pace.took(fineness, performance.now() - started);
    if (this.isDirty) return this.request();
    const finer = this.isHeavy && !this.fixed ? this.pace.finer(fineness) : undefined;
    if (!finer) {
      this.frames.onState("still");
      for (const tell of this.waiting.splice(0)) tell();
      return;
    }
    const wait = Math.max(0, this.changed + restAfterMs - performance.now());
    this.rest = setTimeout(() => void this.frame(finer), wait);
  }
}
