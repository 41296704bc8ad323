import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Answer, Figures, Load, Opening, Order, Timing, Timings } from './protocol.js';

/** A contender in a process of its own; one order at a time. */
export class Contender implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(
    readonly opening: Opening,
    child: ChildProcess,
  ) {
    this.#child = child;
  }

  /** @throws when the process ends before it is ready */
  static async start(opening: Opening): Promise<Contender> {
    const child = fork(new URL('contender-process.js', import.meta.url), [JSON.stringify(opening)], {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    const contender = new Contender(opening, child);
    await contender.#answer('ready');
    return contender;
  }

  async measure(load: Load): Promise<Figures> {
    this.#child.send(load);
    return (await this.#answer('figures')).figures;
  }

  async time(timing: Timing): Promise<Timings> {
    this.#child.send(timing satisfies Order);
    return (await this.#answer('timings')).timings;
  }

  async #answer<Type extends Answer['type']>(type: Type): Promise<Extract<Answer, { type: Type }>> {
    const given = new AbortController();
    try {
      const [answer] = (await Promise.race([
        once(this.#child, 'message', { signal: given.signal }),
        once(this.#child, 'exit', { signal: given.signal }).then(([code]) => {
          throw new Error(`${this.opening.contender} ended with code ${String(code)}`);
        }),
      ])) as [Answer];
      if (answer.type === type) return answer as Extract<Answer, { type: Type }>;
      throw new Error(answer.type === 'failed' ? answer.message : `Unexpected answer ${answer.type}`);
    } finally {
      given.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}
