/** A pause that another part of the program can end early; a call before the pause ends the next one. */
export class WakeablePause {
  #called = false;
  #end: (() => void) | undefined;

  call(): void {
    this.#called = true;
    this.#end?.();
  }

  /** Returns after `ms`, at a {@link call}, or at the signal's abort. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#called && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          this.#end = undefined;
          resolve();
        };
        const timer = setTimeout(end, ms);
        signal.addEventListener('abort', end, { once: true });
        this.#end = end;
      });
    }
    this.#called = false;
  }
}
