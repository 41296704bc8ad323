import { DomainError } from '@trivium/contracts';
import type { SpokenPart } from './converse.js';

export interface ChoicePart {
  readonly choice: number;
  readonly part: SpokenPart;
}

type Arrival =
  { readonly choice: number; readonly result: IteratorResult<SpokenPart> } | { readonly error: unknown };

/**
 * Several turns at once, their parts as they come and none more than one part ahead of the reader. One
 * failure ends all of them, and so does a reader who leaves.
 */
export async function* sideBySide(
  count: number,
  open: (choice: number, stop: AbortSignal | undefined) => AsyncGenerator<SpokenPart>,
): AsyncGenerator<ChoicePart, void, undefined> {
  if (count === 1) {
    // nothing to bring together, and by far the most common
    for await (const part of open(0, undefined)) yield { choice: 0, part };
    return;
  }
  const stop = new AbortController();
  const turns = Array.from({ length: count }, (_, choice) => open(choice, stop.signal));
  const arrived: Arrival[] = [];
  let wake = (): void => undefined;
  const arrive = (arrival: Arrival): void => {
    arrived.push(arrival);
    wake();
  };
  const ask = (choice: number): void => {
    turns[choice]?.next().then(
      (result) => arrive({ choice, result }),
      (error: unknown) => arrive({ error }),
    );
  };
  try {
    turns.forEach((_, choice) => ask(choice));
    for (let running = count; running > 0;) {
      const arrival = arrived.shift();
      if (arrival === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if ('error' in arrival) {
        throw arrival.error;
      } else if (arrival.result.done) {
        running -= 1;
      } else {
        yield { choice: arrival.choice, part: arrival.result.value };
        ask(arrival.choice);
      }
    }
  } finally {
    // @NOTE a generator that waits for its next part hears of its end only when the wait is over
    stop.abort(new DomainError('cancelled', 'Nobody waits for this choice any more.'));
    await Promise.allSettled(turns.map((turn) => turn.return(undefined)));
  }
}
