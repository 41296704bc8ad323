/** How much a new load weighs against the ones before it. */
const NEWEST_WEIGHT = 0.3;

/** How long loads take per byte, learnt from the loads of a process; shared by its models. */
export class LoadPace {
  #msPerByte: number | undefined;

  /** Ignores what says nothing: a load of no bytes or no time. */
  record(bytes: number, ms: number): void {
    if (!(bytes > 0) || !(ms > 0)) return;
    const measured = ms / bytes;
    this.#msPerByte =
      this.#msPerByte === undefined
        ? measured
        : this.#msPerByte + NEWEST_WEIGHT * (measured - this.#msPerByte);
  }

  /** Milliseconds that a load of so many bytes takes; undefined before the first. */
  predict(bytes: number): number | undefined {
    return this.#msPerByte === undefined || !(bytes > 0) ? undefined : this.#msPerByte * bytes;
  }
}
