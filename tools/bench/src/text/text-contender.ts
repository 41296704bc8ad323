import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Answer, EngineName, Opening, Order, Outcome } from './protocol.js';

/** An engine in a process of its own; one order at a time. */
export class TextContender implements AsyncDisposable {
  private constructor(
    readonly name: EngineName,
    private readonly child: ChildProcess,
  ) {}

  /** @throws when the process ends before it is ready */
  static async start(opening: Opening): Promise<TextContender> {
    const child = fork(new URL('text-process.js', import.meta.url), [JSON.stringify(opening)], {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    const contender = new TextContender(opening.engine, child);
    const answer = await contender.#answer();
    if (answer.type !== 'ready') throw new Error(`${opening.engine} answered ${answer.type} first`);
    return contender;
  }

  async write(order: Order): Promise<Outcome> {
    this.child.send(order);
    const answer = await this.#answer();
    if (answer.type === 'outcome') return answer.outcome;
    throw new Error(answer.type === 'failed' ? answer.message : `Unexpected answer ${answer.type}`);
  }

  async #answer(): Promise<Answer> {
    const given = new AbortController();
    try {
      const [answer] = (await Promise.race([
        once(this.child, 'message', { signal: given.signal }),
        once(this.child, 'exit', { signal: given.signal }).then(([code]) => {
          throw new Error(`${this.name} ended with code ${String(code)}`);
        }),
      ])) as [Answer];
      return answer;
    } finally {
      given.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}
