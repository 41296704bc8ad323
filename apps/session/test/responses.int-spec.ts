import { randomUUID } from 'node:crypto';
import {
  appendItems,
  appendTurn,
  createConversation,
  deleteConversation,
  deleteResponse,
  getResponse,
  listItems,
  listResponseInput,
  loadHistory,
} from '@trivium/contracts/session';
import { type NatsProcess, type PostgresProcess, startNats, startPostgres } from '@trivium/local-servers';
import type { Messaging } from '@trivium/messaging';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACME,
  connectClient,
  type Replica,
  reply,
  say,
  startReplica,
  textOf,
  turn,
  untilReady,
} from './session-replica.js';

let postgres: PostgresProcess;
let nats: NatsProcess;
let replica: Replica;
let client: Messaging;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  replica = await startReplica({ natsUrl: nats.url, databaseUrl: postgres.url });
  client = await connectClient(nats.url);
  await untilReady(replica);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await replica[Symbol.asyncDispose]();
  await Promise.all([nats.stop(), postgres.stop()]);
});

const gone = { code: 'not_found' };
const append = (request: Parameters<typeof client.call<typeof appendTurn>>[1]) =>
  client.call(appendTurn, request, ACME);
const create = async () => (await client.call(createConversation, {}, ACME)).id;

/** Turns that follow one another without a conversation; answers their ids, oldest first. */
async function chain(...texts: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const said of texts) {
    const previous = ids.at(-1);
    const { response } = await append({
      ...turn({ said }),
      ...(previous === undefined ? {} : { previousResponseId: previous }),
    });
    ids.push(response.id);
  }
  return ids;
}

const history = async (previousResponseId: string, limit = 50) =>
  (await client.call(loadHistory, { previousResponseId, limit }, ACME)).items.map(textOf);

describe('a turn in a conversation', () => {
  it('appends input and output under one response', async () => {
    const conversationId = await create();

    const first = await append({ ...turn({ said: 'one' }), conversationId, metadata: { a: 'b' } });
    const second = await append({ ...turn({ said: 'two' }), conversationId, expectedHead: 2 });

    expect(first).toMatchObject({
      head: 2,
      response: {
        conversationId,
        previousResponseId: null,
        status: 'completed',
        finishReason: 'stop',
        usage: { inputTokens: 3, outputTokens: 5 },
        metadata: { a: 'b' },
        output: [{ role: 'assistant', sequence: 2, responseId: first.response.id }],
      },
    });
    expect(second.head).toBe(4);
    const loaded = await client.call(loadHistory, { conversationId }, ACME);
    expect(loaded.head).toBe(4);
    expect(loaded.items.map(textOf)).toEqual(['one', 'about one', 'two', 'about two']);
    expect(loaded.items.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
  });

  it('reads back as it was answered', async () => {
    const conversationId = await create();

    const { response } = await append({ ...turn(), conversationId });

    expect(await client.call(getResponse, { responseId: response.id }, ACME)).toEqual(response);
  });

  it('is refused when the conversation went on, and leaves no response', async () => {
    const conversationId = await create();
    await append({ ...turn(), conversationId });
    const late = turn();

    await expect(append({ ...late, conversationId, expectedHead: 0 })).rejects.toMatchObject({
      code: 'conflict',
      details: { head: 2 },
    });
    await expect(client.call(getResponse, { responseId: late.responseId }, ACME)).rejects.toMatchObject(gone);
  });

  it('needs the conversation to exist', async () => {
    await expect(append({ ...turn(), conversationId: 'conv_none' })).rejects.toMatchObject(gone);
  });

  it('follows a conversation or a response, not both', async () => {
    await expect(
      append({ ...turn(), conversationId: 'conv_1', previousResponseId: 'resp_1' }),
    ).rejects.toMatchObject({ code: 'invalid_request', param: 'previousResponseId' });
  });

  it('keeps only the newest items of a long history', async () => {
    const conversationId = await create();
    for (const said of ['one', 'two', 'three']) await append({ ...turn({ said }), conversationId });

    const { items, head } = await client.call(loadHistory, { conversationId, limit: 3 }, ACME);

    expect(items.map(textOf)).toEqual(['about two', 'three', 'about three']);
    expect(head).toBe(6);
  });
});

describe('the same response id', () => {
  it('twice appends once and answers the first', async () => {
    const conversationId = await create();
    const request = { ...turn({ said: 'first' }), conversationId, expectedHead: 0 };

    const first = await append(request);
    const repeat = await append({ ...request, ...turn({ said: 'other', responseId: request.responseId }) });

    expect(repeat).toEqual(first);
    const { items } = await client.call(listItems, { conversationId }, ACME);
    expect(items).toHaveLength(2);
  });

  it.each(['with an expected head', 'appending anywhere', 'without a conversation'])(
    'many times at once appends once, %s',
    async (where) => {
      const conversationId = await create();
      const place = {
        'with an expected head': { conversationId, expectedHead: 0 },
        'appending anywhere': { conversationId },
        'without a conversation': {},
      }[where];
      const request = { ...turn(), ...place };

      const answers = await Promise.all(Array.from({ length: 20 }, () => append(request)));

      for (const answer of answers) expect(answer).toEqual(answers[0]);
      const loaded = await client.call(loadHistory, { previousResponseId: request.responseId }, ACME);
      expect(loaded.items).toHaveLength(2);
      const { head } = await client.call(loadHistory, { conversationId }, ACME);
      expect(head).toBe(where === 'without a conversation' ? 0 : 2);
    },
  );

  it('does not come back after it was deleted', async () => {
    const request = turn();
    await append(request);
    await client.call(deleteResponse, { responseId: request.responseId }, ACME);

    await expect(append(request)).rejects.toMatchObject({ code: 'conflict', retryable: false });
  });

  it('may be chosen by two tenants', async () => {
    const request = turn({ said: 'mine' });
    await append(request);

    const other = await client.call(
      appendTurn,
      { ...request, input: [say('theirs')], output: [reply('theirs too')] },
      { tenant: 'rival' },
    );

    expect(other.response.output.map(textOf)).toEqual(['theirs too']);
  });
});

describe('turns that follow one another', () => {
  it('carry what was said before, oldest first', async () => {
    const ids = await chain('one', 'two', 'three');

    expect(await history(ids[2] ?? '')).toEqual([
      'one',
      'about one',
      'two',
      'about two',
      'three',
      'about three',
    ]);
    expect(await history(ids[1] ?? '', 3)).toEqual(['about one', 'two', 'about two']);
  });

  it('branch: two may follow the same one', async () => {
    const [root = ''] = await chain('root');
    const left = await append({ ...turn({ said: 'left' }), previousResponseId: root });
    const right = await append({ ...turn({ said: 'right' }), previousResponseId: root });

    expect(await history(left.response.id)).toEqual(['root', 'about root', 'left', 'about left']);
    expect(await history(right.response.id)).toEqual(['root', 'about root', 'right', 'about right']);
  });

  it('may leave a conversation at the point where a response was given', async () => {
    const conversationId = await create();
    await append({ ...turn({ said: 'one' }), conversationId });
    const fork = await append({ ...turn({ said: 'two' }), conversationId });
    await append({ ...turn({ said: 'three' }), conversationId });

    const { response } = await append({
      ...turn({ said: 'elsewhere' }),
      previousResponseId: fork.response.id,
    });

    expect(await history(response.id)).toEqual([
      'one',
      'about one',
      'two',
      'about two',
      'elsewhere',
      'about elsewhere',
    ]);
    expect(await history(response.id, 3)).toEqual(['about two', 'elsewhere', 'about elsewhere']);
  });

  it('need the response they follow', async () => {
    const itself = turn();

    await expect(append({ ...turn(), previousResponseId: 'resp_none' })).rejects.toMatchObject(gone);
    await expect(append({ ...itself, previousResponseId: itself.responseId })).rejects.toMatchObject(gone);
    await expect(client.call(loadHistory, { previousResponseId: 'resp_none' }, ACME)).rejects.toMatchObject(
      gone,
    );
  });

  it('stay within bounds however long the chain', async () => {
    const texts = Array.from({ length: 120 }, (_, n) => String(n));
    const ids = await chain(...texts);

    const items = await history(ids.at(-1) ?? '', 200);

    expect(items).toHaveLength(200);
    expect(items.at(0)).toBe('20');
    expect(items.at(-1)).toBe('about 119');
  });

  it('have no head but zero', async () => {
    await expect(append({ ...turn(), expectedHead: 1 })).rejects.toMatchObject({
      code: 'conflict',
      retryable: false,
    });
    expect(await append({ ...turn(), expectedHead: 0 })).toMatchObject({ head: 0 });
  });
});

describe('deleting a response', () => {
  it('erases what was said, and responses that follow keep the rest', async () => {
    const [first = '', second = '', third = ''] = await chain('one', 'two', 'three');

    const deleted = await client.call(deleteResponse, { responseId: second }, ACME);

    expect(deleted).toEqual({ id: second, deleted: true });
    const asked = { responseId: second };
    await expect(client.call(getResponse, asked, ACME)).rejects.toMatchObject(gone);
    await expect(client.call(listResponseInput, asked, ACME)).rejects.toMatchObject(gone);
    await expect(client.call(deleteResponse, asked, ACME)).rejects.toMatchObject(gone);
    await expect(append({ ...turn(), previousResponseId: second })).rejects.toMatchObject(gone);
    expect(await history(third)).toEqual(['one', 'about one', 'three', 'about three']);
    expect(await history(first)).toEqual(['one', 'about one']);
  });

  it('leaves to a conversation what is its own', async () => {
    const conversationId = await create();
    const { response } = await append({ ...turn({ said: 'kept' }), conversationId });

    await client.call(deleteResponse, { responseId: response.id }, ACME);

    const { items } = await client.call(listItems, { conversationId, order: 'asc' }, ACME);
    expect(items.map(textOf)).toEqual(['kept', 'about kept']);
    expect(items.map(({ responseId }) => responseId)).toEqual([null, null]);
  });
});

it('deleting a conversation takes the responses made in it', async () => {
  const conversationId = await create();
  const { response } = await append({ ...turn(), conversationId });

  await client.call(deleteConversation, { conversationId }, ACME);

  await expect(client.call(getResponse, { responseId: response.id }, ACME)).rejects.toMatchObject(gone);
});

it('lists the input of a response in pages', async () => {
  const responseId = `resp_${randomUUID()}`;
  await append({ ...turn({ responseId }), input: ['a', 'b', 'c'].map((text) => say(text)) });
  const list = (request: { after?: string; limit?: number; order?: 'asc' | 'desc' }) =>
    client.call(listResponseInput, { responseId, ...request }, ACME);

  const page = await list({ limit: 2, order: 'asc' });
  const rest = await list({ limit: 2, order: 'asc', after: page.items[1]?.id ?? '' });
  const newestFirst = await list({});

  expect([page.items.map(textOf), page.hasMore]).toEqual([['a', 'b'], true]);
  expect([rest.items.map(textOf), rest.hasMore]).toEqual([['c'], false]);
  expect(newestFirst.items.map(textOf)).toEqual(['c', 'b', 'a']);
  await expect(list({ after: 'msg_none' })).rejects.toMatchObject({ param: 'after' });
});

it('keeps items and turns of one conversation in one order', async () => {
  const conversationId = await create();

  await append({ ...turn({ said: 'turn' }), conversationId });
  await client.call(appendItems, { conversationId, items: [say('item')] }, ACME);

  const { items } = await client.call(listItems, { conversationId, order: 'asc' }, ACME);
  expect(items.map((item) => [item.sequence, textOf(item)])).toEqual([
    [1, 'turn'],
    [2, 'about turn'],
    [3, 'item'],
  ]);
});
