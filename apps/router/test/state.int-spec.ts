import { DomainError, type RequestOf } from '@trivium/contracts';
import { extractInvoice } from '@trivium/contracts/ocr-certification';
import { appendTurn, loadHistory } from '@trivium/contracts/session';
import { describe, expect, it } from 'vitest';
import { invoice } from '../src/rendering/invoice.fixture.js';
import { dialogueWithRouter, failure, item, picture, text } from './dialogue.js';
import { failing, textOf, turn } from './house.js';

const { script, ask, stream, modelSays, prompt } = dialogueWithRouter();

describe('state', () => {
  const state = { responseId: 'resp_1', conversationId: 'conv_1', outputItemId: 'msg_1' };

  it('loads history, stores the turn before its end, with what was read', async () => {
    script.loadHistory = async () => ({
      items: [item({ parts: [{ type: 'text', text: '早上好' }] })],
      head: 1,
    });

    const parts = await ask(
      turn([text('发票总额？'), picture('p', 'file_1')], {
        state: { ...state, metadata: { topic: 'tax' } },
        instructions: 'Be brief.',
      }),
    );

    expect(parts.at(-1)).toMatchObject({ type: 'turn-end', itemIds: ['msg_1'] });
    const [stored] = script.requests(appendTurn) as RequestOf<typeof appendTurn>[];
    expect(stored).toMatchObject({
      responseId: 'resp_1',
      conversationId: 'conv_1',
      status: 'completed',
      model: 'trivium',
      finishReason: 'stop',
      metadata: { topic: 'tax' },
      input: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: '发票总额？' },
            { type: 'image', fileId: 'file_1' },
          ],
          artifacts: [
            { kind: 'invoice', fileId: 'file_1', data: { verdict: 'PASS' } },
            { kind: 'document-text', fileId: 'file_1' },
          ],
        },
      ],
      output: [
        {
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          parts: [{ type: 'text', text: textOf(parts) }],
        },
      ],
    });
    expect(JSON.stringify(stored)).not.toContain('Be brief');
    expect(prompt()).toMatch(/^system: [^]*Be brief\.\nuser: 早上好\n/);
  });

  it('answers from an invoice of an earlier turn, without its picture', async () => {
    script.loadHistory = async () => ({
      items: [
        item({
          parts: [{ type: 'image', fileId: 'file_1' }],
          artifacts: [{ kind: 'invoice', fileId: 'file_1', data: invoice() }],
        }),
      ],
      head: 2,
    });

    const parts = await ask(turn('销售方是谁？', { state }));

    expect(textOf(parts)).toMatch(/^\*\*销售方名称：北京样本商贸有限公司\*\*/);
    expect(script.requests(extractInvoice)).toHaveLength(0);
  });

  it('does no work for a conversation that does not exist', async () => {
    script.loadHistory = async () => {
      throw new DomainError('not_found', 'No such conversation.', { param: 'conversation' });
    };

    expect(await failure(ask(turn([picture()], { state })))).toMatchObject({
      code: 'not_found',
      param: 'conversation',
    });
    expect(script.requests(extractInvoice)).toHaveLength(0);
    expect(script.requests(appendTurn)).toHaveLength(0);
  });

  it('goes on from a response', async () => {
    modelSays('yes');

    await ask(turn('and?', { state: { responseId: 'resp_2', previousResponseId: 'resp_1' } }));

    expect(script.requests(loadHistory)).toEqual([{ previousResponseId: 'resp_1', limit: 50 }]);
    expect(script.requests(appendTurn)[0]).toMatchObject({ previousResponseId: 'resp_1' });
  });

  it('asks nobody about a new response', async () => {
    modelSays('yes');

    await ask(turn('hi', { state: { responseId: 'resp_3' } }));

    expect(script.requests(loadHistory)).toHaveLength(0);
    expect(script.requests(appendTurn)).toHaveLength(1);
  });

  it('keeps what was said when the caller leaves, and stops the model', async () => {
    const modelStopped = Promise.withResolvers<void>();
    const stored = Promise.withResolvers<RequestOf<typeof appendTurn>>();
    script.generate = async function* (_, context) {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'once upon' };
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      modelStopped.resolve();
    };
    const answer = script.appendTurn;
    script.appendTurn = (request, context) => {
      stored.resolve(request);
      return answer(request, context);
    };

    for await (const part of stream(turn('a story', { state }))) {
      if (part.type === 'text-delta') break;
    }
    const leftAt = performance.now();
    await modelStopped.promise;

    expect(performance.now() - leftAt).toBeLessThan(1_000);
    expect(await stored.promise).toMatchObject({
      status: 'incomplete',
      finishReason: null,
      output: [{ status: 'incomplete', parts: [{ type: 'text', text: 'once upon' }] }],
    });
  });

  it('keeps what was said when the deadline passes', async () => {
    const stored = Promise.withResolvers<RequestOf<typeof appendTurn>>();
    script.generate = async function* (_, context) {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'once upon' };
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
    };
    const answer = script.appendTurn;
    script.appendTurn = (request, context) => {
      stored.resolve(request);
      return answer(request, context);
    };

    const error = await failure(ask(turn('a story', { state }), { tenant: 'acme', deadline: 400 }));

    expect(error.code).toBe('deadline_exceeded');
    expect(await stored.promise).toMatchObject({ status: 'incomplete' });
  });

  it('keeps what was said when the model breaks off, as failed', async () => {
    script.generate = async function* () {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'half' };
      throw new DomainError('upstream_error', 'died');
    };

    await failure(ask(turn('hi', { state })));

    await expect.poll(() => script.requests(appendTurn)).toMatchObject([{ status: 'failed' }]);
  });

  it('stores nothing when nothing was said', async () => {
    script.generate = failing(new DomainError('rate_limit_exceeded', 'slow down'));

    await failure(ask(turn('hi', { state })));
    modelSays('hi');
    await ask(turn('hi', { state: { responseId: 'resp_9' } }));

    expect(script.requests(appendTurn)).toMatchObject([{ responseId: 'resp_9' }]);
  });

  it('says so when the turn cannot be stored', async () => {
    modelSays('hi');
    script.appendTurn = async () => {
      throw new DomainError('unavailable', 'The database is away.', { retryAfterMs: 500 });
    };

    expect(await failure(ask(turn('hi', { state })))).toMatchObject({
      code: 'unavailable',
      retryAfterMs: 500,
    });
    expect(script.requests(appendTurn)).toHaveLength(1);
  });
});
