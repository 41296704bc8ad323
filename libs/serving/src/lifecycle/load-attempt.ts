import type { LoadProgress } from '@trivium/contracts/inference';

export type LoadPhase = LoadProgress['state'];

/** Progress of one load. It never goes back, whatever is reported. */
export class LoadAttempt {
  #phase: LoadPhase = 'queued';
  #progress = 0;

  constructor(
    readonly startedAt: number,
    /** What loads of this size took before, in milliseconds. */
    private readonly predictedMs: number | undefined,
  ) {}

  report(phase: LoadPhase, progress: number): void {
    this.#phase = phase;
    if (Number.isFinite(progress)) this.#progress = Math.max(this.#progress, Math.min(1, progress));
  }

  /**
   * The remaining time is weighed between two guesses: what earlier loads of this size took, which counts
   * at first, and what the progress so far says, which counts more the further it has come.
   */
  at(now: number): LoadProgress {
    const elapsed = now - this.startedAt;
    const progress = this.#progress;
    const byPace = this.predictedMs === undefined ? undefined : Math.max(0, this.predictedMs - elapsed);
    const byRate = progress > 0 ? (elapsed * (1 - progress)) / progress : undefined;
    const etaMs =
      byPace === undefined || byRate === undefined
        ? (byPace ?? byRate)
        : progress * byRate + (1 - progress) * byPace;
    return { state: this.#phase, progress, ...(etaMs === undefined ? {} : { etaMs: Math.round(etaMs) }) };
  }
}
