import { DomainError } from '@trivium/contracts';
import type { PdfPage } from '@trivium/media';
import type { TextLine } from '@trivium/contracts/vision-inference';
import type { CallContext } from '@trivium/messaging';
import { describe, expect, it } from 'vitest';
import type { PageReader, PageReading } from './page-reader.js';
import { PdfReader } from './pdf-reader.js';

const LIMITS = { maxBytes: 1000, maxPages: 20, dpi: 150, pageConcurrency: 2, renderers: 1 };
const REQUEST = { bytes: new Uint8Array(), pages: undefined, path: 'file' };

function contextWith(signal: AbortSignal = new AbortController().signal): CallContext {
  return { tenant: 't', requestId: 'r', priority: 'interactive', signal, remaining: () => 1000 };
}

/** Pages are read when the test says so. */
class FakePageReader implements Pick<PageReader, 'readBytes'> {
  readonly started: number[] = [];
  readonly signals: AbortSignal[] = [];
  readonly #pending = new Map<number, PromiseWithResolvers<PageReading>>();
  readonly #arrivals = new Map<number, PromiseWithResolvers<void>>();

  readBytes(
    _png: Uint8Array,
    { page, signal }: { page: number; signal?: AbortSignal },
  ): Promise<PageReading> {
    this.started.push(page);
    if (signal !== undefined) this.signals.push(signal);
    const pending = Promise.withResolvers<PageReading>();
    this.#pending.set(page, pending);
    signal?.addEventListener('abort', () => pending.reject(signal.reason));
    this.#arrival(page).resolve();
    return pending.promise;
  }

  arrived(page: number): Promise<void> {
    return this.#arrival(page).promise;
  }

  finish(page: number): void {
    const execution = {
      model: 'm',
      variant: 'v',
      placement: 'cpu',
      queueMs: 0,
      computeMs: 0,
      batchSize: 1,
    } as const;
    this.#pending
      .get(page)
      ?.resolve({ page: { page, width: 1, height: 1, source: 'ocr', lines: [] }, execution });
  }

  fail(page: number, error: Error): void {
    this.#pending.get(page)?.reject(error);
  }

  #arrival(page: number): PromiseWithResolvers<void> {
    const arrival = this.#arrivals.get(page) ?? Promise.withResolvers<void>();
    this.#arrivals.set(page, arrival);
    return arrival;
  }
}

/** Renders at once, but complains when it is aborted, as the real one does. */
function rendering(count: number, onPage: (page: number) => void = () => undefined) {
  return async function* (
    _bytes: Uint8Array,
    options: { signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<PdfPage, void, undefined> {
    for (let page = 1; page <= count; page += 1) {
      if (options.signal?.aborted) throw new DomainError('cancelled', 'Rendering the PDF was cancelled.');
      onPage(page);
      yield {
        kind: 'picture',
        because: 'too-little-text',
        page,
        pageCount: count,
        width: 10,
        height: 10,
        dpi: 150,
        codes: [],
        png: new Uint8Array(),
      };
    }
  };
}

/** All that can happen without the test's doing has happened. */
const everythingElse = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('PdfReader', () => {
  it('answers in the order of the pages, whatever order they are read in', async () => {
    const pages = new FakePageReader();
    const reading = new PdfReader(pages, { ...LIMITS, pageConcurrency: 3 }, rendering(3)).read(
      REQUEST,
      contextWith(),
    );
    await pages.arrived(3);

    for (const page of [3, 1, 2]) pages.finish(page);

    expect((await reading).map(({ page }) => page.page)).toEqual([1, 2, 3]);
  });

  it('reads no more pages at a time than it may, and renders no further ahead than one', async () => {
    const rendered: number[] = [];
    const pages = new FakePageReader();
    const reading = new PdfReader(
      pages,
      LIMITS,
      rendering(4, (page) => rendered.push(page)),
    ).read(REQUEST, contextWith());
    await pages.arrived(2);
    await everythingElse();
    expect(pages.started).toEqual([1, 2]);
    expect(rendered.length).toBeLessThanOrEqual(3);

    pages.finish(1);
    await pages.arrived(3);
    await everythingElse();
    expect(pages.started).toEqual([1, 2, 3]);
    pages.finish(2);
    await pages.arrived(4);
    pages.finish(3);
    pages.finish(4);

    expect(await reading).toHaveLength(4);
  });

  it('takes the text that pages store and reads the others, in their order', async () => {
    const lines = [
      {
        text: '合计',
        confidence: 1,
        quadrilateral: [
          [0, 0],
          [9, 0],
          [9, 4],
          [0, 4],
        ],
      },
    ] satisfies TextLine[];
    async function* mixed(): AsyncGenerator<PdfPage, void, undefined> {
      for await (const page of rendering(3)(new Uint8Array())) {
        yield page.page === 2 ? { ...page, kind: 'text', lines } : page;
      }
    }
    const pages = new FakePageReader();
    const reading = new PdfReader(pages, LIMITS, mixed).read(REQUEST, contextWith());
    await pages.arrived(3);
    for (const page of [1, 3]) pages.finish(page);

    const readings = await reading;

    expect(pages.started).toEqual([1, 3]);
    expect(readings.map(({ page }) => [page.page, page.source])).toEqual([
      [1, 'ocr'],
      [2, 'text-layer'],
      [3, 'ocr'],
    ]);
    expect(readings[1]?.page.lines).toEqual(lines);
    expect(readings[1]?.execution).toMatchObject({ model: 'text-layer', placement: 'rules' });
  });

  it('ends the other pages when one fails, and tells of that one', async () => {
    const pages = new FakePageReader();
    const reading = new PdfReader(pages, LIMITS, rendering(9)).read(REQUEST, contextWith());
    await pages.arrived(2);

    pages.fail(2, new DomainError('overloaded', 'full'));

    await expect(reading).rejects.toMatchObject({ code: 'overloaded', message: 'full' });
    expect(pages.signals.every(({ aborted }) => aborted)).toBe(true);
    expect(pages.started.length).toBeLessThan(9);
  });

  it('ends everything when the caller leaves', async () => {
    const leaving = new AbortController();
    const pages = new FakePageReader();
    const reading = new PdfReader(pages, LIMITS, rendering(9)).read(REQUEST, contextWith(leaving.signal));
    await pages.arrived(1);

    leaving.abort(new DomainError('cancelled', 'the caller left'));

    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    expect(pages.signals.every(({ aborted }) => aborted)).toBe(true);
  });

  it('renders one document at a time when it may render one', async () => {
    const rendered: string[] = [];
    const pages = new FakePageReader();
    const reader = new PdfReader(
      pages,
      LIMITS,
      rendering(1, () => rendered.push('rendered')),
    );
    const first = reader.read(REQUEST, contextWith());
    await pages.arrived(1);
    const second = reader.read(REQUEST, contextWith());
    await everythingElse();
    expect(rendered).toHaveLength(1);

    pages.finish(1);
    await first;
    await expect.poll(() => rendered.length).toBe(2);
    pages.finish(1);

    expect(await second).toHaveLength(1);
  });
});
