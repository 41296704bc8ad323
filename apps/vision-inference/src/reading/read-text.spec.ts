import { DomainError, type ParsedRequestOf } from '@trivium/contracts';
import type { readText } from '@trivium/contracts/vision-inference';
import type { CallContext } from '@trivium/messaging';
import { Admission, type Completed, type RunOptions } from '@trivium/serving';
import { describe, expect, it } from 'vitest';
import type { PageEvent } from '../events.js';
import type { DetectedPage, LinePlace, RecognisedLine } from '../spotting/task.js';
import { ReadText } from './read-text.js';
import type { SpottedPage, TextSpotter } from './text-spotter.js';

const execution = {
  queueMs: 1,
  computeMs: 10,
  batchSize: 2,
  batchCost: 20,
  batchMates: 2,
  releaseReason: 'idle',
  instance: 'cpu',
  placement: 'cpu',
} as const;

/** Finds the lines that it is told of; reads a line by its columns. */
class FakeTextSpotter implements TextSpotter {
  readonly modelId = 'fake';
  readonly variant = 'fp32';
  readonly placement = 'cpu';
  readonly ready = true;
  readonly startFailure = undefined;
  readonly memoryBytes = 0;
  open_ = 0;
  readonly asked: number[] = [];
  options: RunOptions = {};

  constructor(
    private readonly texts: Readonly<Record<number, Pick<RecognisedLine, 'text' | 'confidence'>>>,
    private readonly failure?: Error,
  ) {}

  estimatedWaitMs(): number {
    return 0;
  }

  async start(): Promise<void> {
    // Always warm.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }

  open(_image: Uint8Array, _path: string | undefined, options: RunOptions): SpottedPage {
    this.open_ += 1;
    this.options = options;
    return {
      detect: async (): Promise<Completed<DetectedPage>> => {
        if (this.failure !== undefined) throw this.failure;
        const lines = Object.keys(this.texts).map((columns) => place(Number(columns)));
        return { output: { kind: 'detect', width: 800, height: 600, lines }, execution };
      },
      recognise: async ({ columns, corners }): Promise<Completed<RecognisedLine>> => {
        this.asked.push(columns);
        const reading = this.texts[columns] ?? { text: '', confidence: 0 };
        const [[x, y]] = corners;
        const quadrilateral: RecognisedLine['quadrilateral'] = [
          [x, y],
          [x + 9, y],
          [x + 9, y + 9],
          [x, y + 9],
        ];
        return { output: { kind: 'recognise', ...reading, quadrilateral }, execution };
      },
      [Symbol.dispose]: () => {
        this.open_ -= 1;
      },
    };
  }
}

/** Lines stand one below another, in the order of their columns. */
function place(columns: number): LinePlace {
  return {
    columns,
    corners: [
      [0, columns],
      [9, columns],
      [9, columns + 9],
      [0, columns + 9],
    ],
  };
}

const request = (
  changes: Partial<ParsedRequestOf<typeof readText>> = {},
): ParsedRequestOf<typeof readText> => ({
  image: { kind: 'inline', mediaType: 'image/png', bytes: new Uint8Array(3) },
  minConfidence: 0.5,
  ...changes,
});

const context: CallContext = {
  tenant: 't',
  requestId: 'r',
  priority: 'interactive',
  signal: new AbortController().signal,
  remaining: () => 1000,
};

function reader(spotter: TextSpotter, limit = 4, events: PageEvent[] = []): ReadText {
  const blobs = { get: async () => new Uint8Array(3) };
  return new ReadText(spotter, blobs, new Admission('Reading', limit, () => 10), 1024, (event) =>
    events.push(event),
  );
}

describe('ReadText', () => {
  it('answers the lines in reading order and says how they were read', async () => {
    const spotter = new FakeTextSpotter({
      100: { text: 'first', confidence: 0.9 },
      300: { text: 'second', confidence: 0.8 },
    });

    const reply = await reader(spotter).execute(request(), context);

    expect(reply).toMatchObject({ width: 800, height: 600 });
    expect(reply.lines.map(({ text, confidence }) => [text, confidence])).toEqual([
      ['first', 0.9],
      ['second', 0.8],
    ]);
    expect(reply.execution).toEqual({
      model: 'fake',
      variant: 'fp32',
      placement: 'cpu',
      queueMs: 2,
      computeMs: 20, // the page, and half of each run that a line shared with another
      batchSize: 2,
    });
  });

  it('asks for the longest lines first', async () => {
    const spotter = new FakeTextSpotter({
      100: { text: 'a', confidence: 1 },
      300: { text: 'b', confidence: 1 },
      200: { text: 'c', confidence: 1 },
    });

    await reader(spotter).execute(request(), context);

    expect(spotter.asked).toEqual([300, 200, 100]);
  });

  it('drops what holds no text and what is below the asked confidence', async () => {
    const spotter = new FakeTextSpotter({
      100: { text: 'sure', confidence: 0.95 },
      200: { text: 'perhaps', confidence: 0.6 },
      300: { text: '', confidence: 1 },
    });

    const { lines } = await reader(spotter).execute(request({ minConfidence: 0.7 }), context);

    expect(lines.map(({ text }) => text)).toEqual(['sure']);
  });

  it('hands on whose work it is and until when it is wanted', async () => {
    const spotter = new FakeTextSpotter({});
    const sentAt = performance.now();

    await reader(spotter).execute(request(), { ...context, priority: 'batch' });

    const { signal, priority, arrivedAt = 0, deadline = 0 } = spotter.options;
    expect(signal).toBe(context.signal);
    expect(priority).toBe('batch');
    expect(arrivedAt).toBeGreaterThanOrEqual(sentAt);
    expect(deadline - arrivedAt).toBeCloseTo(1000, 6);
  });

  it('tells of every page, read or not, once', async () => {
    const events: PageEvent[] = [];
    const good = reader(new FakeTextSpotter({ 100: { text: 'a', confidence: 1 } }), 1, events);
    const bad = reader(new FakeTextSpotter({}, new DomainError('unsupported_media', 'no image')), 1, events);

    await good.execute(request(), context);
    await bad.execute(request(), context).catch(() => undefined);

    expect(events).toMatchObject([
      { model: 'fake', requestId: 'r', lines: 1 },
      { model: 'fake', lines: 0, failure: 'unsupported_media' },
    ]);
    expect(events[0]).not.toHaveProperty('failure');
  });

  it('lets go of the page and of its place, whatever happens', async () => {
    const spotter = new FakeTextSpotter({}, new DomainError('unsupported_media', 'no image'));
    const read = reader(spotter, 1);

    await expect(read.execute(request(), context)).rejects.toMatchObject({ code: 'unsupported_media' });
    await expect(read.execute(request(), context)).rejects.toMatchObject({ code: 'unsupported_media' });

    expect(spotter.open_).toBe(0);
  });

  it('refuses at once what would wait too long, for as long as the page before it takes', async () => {
    const spotter = new FakeTextSpotter({});
    const detected = Promise.withResolvers<Completed<DetectedPage>>();
    const open = spotter.open.bind(spotter);
    spotter.open = (...page) => ({
      ...open(...page),
      detect: () => detected.promise,
      [Symbol.dispose]: () => undefined,
    });
    const read = reader(spotter, 1);
    const first = read.execute(request(), context);
    await new Promise((resolve) => setImmediate(resolve)); // the first has got as far as it will

    await expect(read.execute(request(), context)).rejects.toMatchObject({
      code: 'overloaded',
      retryAfterMs: 10,
    });
    detected.resolve({ output: { kind: 'detect', width: 8, height: 6, lines: [] }, execution });
    expect((await first).lines).toEqual([]);
  });
});
