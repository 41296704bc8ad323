import { DomainError } from '@trivium/contracts';
import { GenerateRequest } from '@trivium/contracts/generate';
import { describe, expect, it, vi } from 'vitest';
import { ModelCatalogue } from '../catalogue/model-catalogue.js';
import type { OpenedGeneration, RawPart, TextPlacementV1 } from '../catalogue/text-model.js';
import { GenerateText } from './generate-text.js';

const END: RawPart = { type: 'end', reason: 'stop', usage: { inputTokens: 1, outputTokens: 2 } };

class FakePlacement implements TextPlacementV1 {
  readonly specification = 'text-placement/v1';
  readonly enforcesStructure = false;
  readonly freed = vi.fn();
  opened = 0;

  constructor(
    readonly name: string,
    private readonly script: readonly (RawPart | Error)[],
    readonly contextWindow: number | undefined = undefined,
  ) {}

  isReady(): boolean {
    return true;
  }

  async doOpen(): Promise<OpenedGeneration> {
    this.opened += 1;
    const rest = this.#parts();
    const first = await rest.next();
    if (first.done) throw new Error('empty script');
    return { first: first.value, rest };
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async *#parts(): AsyncGenerator<RawPart, void, undefined> {
    try {
      for (const step of this.script) {
        if (step instanceof Error) throw step;
        yield step;
      }
    } finally {
      this.freed();
    }
  }
}

const saying = (text: string): RawPart[] => [{ type: 'text', text }, END];
const request = GenerateRequest.parse({
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
});
const call = (signal = new AbortController().signal) => ({
  signal,
  tenant: 'acme',
  priority: 'interactive' as const,
  remaining: () => 60_000,
  requestId: 'r1',
});
const generateWith = (...placements: FakePlacement[]): GenerateText =>
  new GenerateText(new ModelCatalogue([{ id: 'm', ownedBy: 'operator', placements }], 0));

async function collect<Part>(stream: AsyncIterable<Part>): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

describe('GenerateText', () => {
  it('starts, marks sentences and ends', async () => {
    const parts = await collect(
      generateWith(new FakePlacement('a', saying('一。二'))).execute(request, call()),
    );

    expect(parts).toEqual([
      { type: 'generation-start', model: 'm', placement: 'a' },
      { type: 'text-delta', text: '一。', sentenceEnd: true },
      { type: 'text-delta', text: '二' },
      { type: 'generation-end', reason: 'stop', usage: { inputTokens: 1, outputTokens: 2 } },
    ]);
  });

  it('says how to add a model when there is none', async () => {
    const generate = new GenerateText(new ModelCatalogue([], 0));

    const error: unknown = await generate
      .execute(request, call())
      .next()
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'model_not_available' });
    expect((error as DomainError).message).toMatch(/trivium models pull .*TEXT_UPSTREAM_URL/);
  });

  it('does not know other models', async () => {
    const generate = generateWith(new FakePlacement('a', saying('hi')));

    await expect(generate.execute({ ...request, model: 'x' }, call()).next()).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'model',
    });
  });

  it.each([
    'unavailable',
    'upstream_error',
    'deadline_exceeded',
    'rate_limit_exceeded',
    'overloaded',
    'model_not_found',
    'model_not_available',
    'model_loading',
    'unsupported_parameter',
  ] as const)('goes on to the next placement after %s', async (code) => {
    const next = new FakePlacement('b', saying('hi'));

    const parts = await collect(
      generateWith(new FakePlacement('a', [new DomainError(code, 'x')]), next).execute(request, call()),
    );

    expect(parts[0]).toMatchObject({ placement: 'b' });
  });

  it('never falls back once a token was sent', async () => {
    const next = new FakePlacement('b', saying('hi'));
    const broken = new FakePlacement('a', [
      { type: 'text', text: 'so' },
      new DomainError('upstream_error', 'died'),
    ]);

    const stream = generateWith(broken, next).execute(request, call());
    await stream.next();
    await stream.next();

    await expect(stream.next()).rejects.toMatchObject({ code: 'upstream_error' });
    expect(next.opened).toBe(0);
  });

  it('does not send a bad request elsewhere', async () => {
    const next = new FakePlacement('b', saying('hi'));
    const stream = generateWith(new FakePlacement('a', [new DomainError('invalid_request', 'x')]), next);

    await expect(stream.execute(request, call()).next()).rejects.toMatchObject({ code: 'invalid_request' });
    expect(next.opened).toBe(0);
  });

  it('sends a conversation that is too long only where more fits', async () => {
    const long = [new DomainError('context_length_exceeded', 'x')];
    const larger = new FakePlacement('b', saying('hi'), 32_000);

    const [start] = await collect(
      generateWith(new FakePlacement('a', long, 4_000), larger).execute(request, call()),
    );
    const refused = generateWith(
      new FakePlacement('a', long, 32_000),
      new FakePlacement('b', saying('hi'), 4_000),
    );

    expect(start).toMatchObject({ placement: 'b' });
    await expect(refused.execute(request, call()).next()).rejects.toMatchObject({
      code: 'context_length_exceeded',
    });
  });

  it('does not ask where a prompt certainly has no room, while it may have some elsewhere', async () => {
    const prompt = GenerateRequest.parse({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'word '.repeat(3_000) }] }],
    });
    const small = new FakePlacement('small', saying('hi'), 2_048);
    const unknown = new FakePlacement('unknown', saying('hi'));
    const [start] = await collect(generateWith(small, unknown).execute(prompt, call()));

    expect(start).toMatchObject({ placement: 'unknown' });
    expect(small.opened).toBe(0);
    await collect(generateWith(small).execute(prompt, call()));
    await collect(generateWith(small, new FakePlacement('smaller', [], 1_024)).execute(prompt, call()));
    expect(small.opened).toBe(2);
  });

  it('passes the probabilities of tokens on with the text that they make', async () => {
    const token = { token: 'hi', logprob: -0.1, bytes: [104, 105], top: [] };
    const placement = new FakePlacement('a', [{ type: 'text', text: 'hi', logprobs: [token] }, END]);

    const parts = await collect(generateWith(placement).execute(request, call()));

    expect(parts[1]).toEqual({ type: 'text-delta', text: 'hi', logprobs: [token] });
  });

  it('reports a failure that is worth trying again, when there is one', async () => {
    const generate = generateWith(
      new FakePlacement('a', [new DomainError('rate_limit_exceeded', 'slow down', { retryAfterMs: 500 })]),
      new FakePlacement('b', [new DomainError('upstream_error', 'wrong key', { retryable: false })]),
    );

    await expect(generate.execute(request, call()).next()).rejects.toMatchObject({
      code: 'rate_limit_exceeded',
      retryAfterMs: 500,
    });
  });

  it('tries nothing more for a caller who has left', async () => {
    const caller = new AbortController();
    caller.abort();
    const next = new FakePlacement('b', saying('hi'));
    const generate = generateWith(new FakePlacement('a', [new DomainError('unavailable', 'x')]), next);

    await expect(generate.execute(request, call(caller.signal)).next()).rejects.toThrow();
    expect(next.opened).toBe(0);
  });

  it.each([1, 2])('frees the placement when the caller leaves after %i parts', async (count) => {
    const placement = new FakePlacement('a', [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
      END,
    ]);
    const stream = generateWith(placement).execute(request, call());
    for (let index = 0; index < count; index += 1) await stream.next();

    await stream.return();

    expect(placement.freed).toHaveBeenCalledOnce();
  });

  it('keeps text before a tool call before it', async () => {
    const placement = new FakePlacement('a', [
      { type: 'text', text: 'Let me see.' },
      { type: 'tool-call-delta', index: 0, id: 'c', name: 'f', arguments: '{}' },
      END,
    ]);

    const parts = await collect(
      generateWith(placement).execute({ ...request, tools: [{ name: 'f' }] }, call()),
    );

    expect(parts.map(({ type }) => type)).toEqual([
      'generation-start',
      'text-delta',
      'text-delta',
      'tool-call-delta',
      'generation-end',
    ]);
  });
});
