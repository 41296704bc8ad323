import {
  appendItems,
  createConversation,
  deleteConversation,
  getConversation,
  getItem,
  type Item,
  listItems,
  type NewItem,
  updateConversation,
} from '@trivium/contracts/session';
import { type NatsProcess, type PostgresProcess, startNats, startPostgres } from '@trivium/local-servers';
import type { Messaging } from '@trivium/messaging';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACME,
  allItems,
  connectClient,
  type Replica,
  say,
  startReplica,
  textOf,
  untilReady,
} from './session-replica.js';

let postgres: PostgresProcess;
let nats: NatsProcess;
let replicas: Replica[];
let client: Messaging;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  const servers = { natsUrl: nats.url, databaseUrl: postgres.url };
  replicas = await Promise.all([startReplica(servers), startReplica(servers)]);
  client = await connectClient(nats.url);
  await Promise.all(replicas.map((replica) => untilReady(replica)));
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]()));
  await Promise.all([nats.stop(), postgres.stop()]);
});

const create = (items: NewItem[] = []) => client.call(createConversation, { items }, ACME);

describe('two replicas that started at once on an empty database', () => {
  it('migrated it once and answer', async () => {
    const conversation = await client.call(createConversation, { metadata: { topic: 'tax' } }, ACME);

    expect(conversation).toMatchObject({ head: 0, metadata: { topic: 'tax' } });
    expect(Math.abs(conversation.createdAt - Date.now() / 1000)).toBeLessThan(60);
  });
});

describe('a conversation', () => {
  it('reads back as it was written: parts, tool calls, readings', async () => {
    const items: NewItem[] = [
      say('', {
        parts: [
          { type: 'text', text: '这张发票多少钱? 🧾' },
          { type: 'image', fileId: 'file_1' },
          { type: 'file', fileId: 'file_2', filename: '发票.pdf' },
          { type: 'audio', fileId: 'file_3' },
        ],
        artifacts: [
          { kind: 'invoice', fileId: 'file_1', data: { total: { value: '1.10' }, rows: [[1, null]] } },
          { kind: 'document-text', fileId: null, data: null },
        ],
      }),
      say('', {
        role: 'assistant',
        parts: [],
        toolCalls: [{ id: 'call_1', name: 'sum', arguments: '{"a":1}' }],
      }),
      say('2', { role: 'tool', toolCallId: 'call_1', status: 'incomplete' }),
    ];

    const { id, head } = await create(items);
    const stored = await allItems(client, id);

    expect(head).toBe(3);
    expect(stored).toEqual(
      items.map((item, index) => ({
        ...item,
        id: expect.stringMatching(/^msg_/) as string,
        sequence: index + 1,
        responseId: null,
        createdAt: expect.any(Number) as number,
      })),
    );
  });

  it('replaces its metadata', async () => {
    const { id } = await client.call(createConversation, { metadata: { a: '1', b: '2' } }, ACME);

    await client.call(updateConversation, { conversationId: id, metadata: { a: '3' } }, ACME);

    const read = await client.call(getConversation, { conversationId: id }, ACME);
    expect(read.metadata).toEqual({ a: '3' });
  });

  it('takes its items with it when it is deleted', async () => {
    const { id } = await create([say('a')]);
    const [item] = await allItems(client, id);

    const deleted = await client.call(deleteConversation, { conversationId: id }, ACME);

    expect(deleted).toEqual({ id, deleted: true });
    const gone = { code: 'not_found' };
    await expect(client.call(getConversation, { conversationId: id }, ACME)).rejects.toMatchObject(gone);
    await expect(client.call(listItems, { conversationId: id }, ACME)).rejects.toMatchObject(gone);
    await expect(client.call(deleteConversation, { conversationId: id }, ACME)).rejects.toMatchObject(gone);
    await expect(
      client.call(getItem, { conversationId: id, itemId: item?.id ?? '' }, ACME),
    ).rejects.toMatchObject(gone);
  });
});

describe('items', () => {
  it('are paged in both directions', async () => {
    const { id } = await create(['a', 'b', 'c', 'd', 'e'].map((text) => say(text)));
    const page = (request: { after?: string; limit?: number; order?: 'asc' | 'desc' }) =>
      client.call(listItems, { conversationId: id, ...request }, ACME);

    const newest = await page({ limit: 2 });
    const next = await page({ limit: 2, after: newest.items[1]?.id ?? '' });
    const last = await page({ limit: 2, after: next.items[1]?.id ?? '' });
    const oldest = await page({ limit: 5, order: 'asc' });

    expect(newest.items.map(textOf)).toEqual(['e', 'd']);
    expect(next).toMatchObject({ hasMore: true });
    expect(next.items.map(textOf)).toEqual(['c', 'b']);
    expect(last).toMatchObject({ hasMore: false });
    expect(last.items.map(textOf)).toEqual(['a']);
    expect(oldest).toMatchObject({ hasMore: false });
    expect(oldest.items.map(textOf)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('cannot go on after an item that is not there', async () => {
    const { id } = await create();

    await expect(
      client.call(listItems, { conversationId: id, after: 'msg_none' }, ACME),
    ).rejects.toMatchObject({ code: 'invalid_request', param: 'after' });
  });

  it('may be named by the caller, once', async () => {
    const chosen = `msg_${String(performance.now())}`;
    const { id } = await create([say('a', { id: chosen })]);

    const item = await client.call(getItem, { conversationId: id, itemId: chosen }, ACME);

    expect(item).toMatchObject({ id: chosen, sequence: 1 });
    await expect(
      client.call(appendItems, { conversationId: id, items: [say('b', { id: chosen })] }, ACME),
    ).rejects.toMatchObject({ code: 'invalid_request', param: 'id' });
    expect(await client.call(getConversation, { conversationId: id }, ACME)).toMatchObject({ head: 1 });
  });

  it('refuse text that cannot be stored, and store nothing of it', async () => {
    const { id } = await create();

    await expect(
      client.call(appendItems, { conversationId: id, items: [say('fine'), say('nul \0 here')] }, ACME),
    ).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await client.call(getConversation, { conversationId: id }, ACME)).toMatchObject({ head: 0 });
  });
});

describe('append', () => {
  it('refuses when the head is not the expected one, and says where it is', async () => {
    const { id } = await create([say('a')]);
    const append = (expectedHead: number) =>
      client.call(appendItems, { conversationId: id, items: [say('b')], expectedHead }, ACME);

    await expect(append(0)).rejects.toMatchObject({ code: 'conflict', details: { head: 1 } });
    await expect(append(2)).rejects.toMatchObject({ code: 'conflict' });
    expect(await append(1)).toMatchObject({ head: 2, items: [{ sequence: 2 }] });
  });

  it('lets exactly one of many win the same head', async () => {
    const { id } = await create();

    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, (_, writer) =>
        client.call(appendItems, { conversationId: id, items: [say(String(writer))], expectedHead: 0 }, ACME),
      ),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict' });
    }
    expect(await allItems(client, id)).toHaveLength(1);
  });

  it('answers not_found where there is no conversation', async () => {
    await expect(
      client.call(appendItems, { conversationId: 'conv_none', items: [say('a')] }, ACME),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('orders 100 writers on two replicas: no gap, no repeat, nothing lost', async () => {
    const { id } = await create();
    const acknowledged: Item[] = [];
    const write = async (writer: number) => {
      for (let round = 0; round < 3; round += 1) {
        const items = Array.from({ length: 1 + (writer % 3) }, (_, n) => say(`${writer}/${round}/${n}`));
        const appended = await client.call(appendItems, { conversationId: id, items }, ACME);
        acknowledged.push(...appended.items);
      }
    };

    await Promise.all(Array.from({ length: 100 }, (_, writer) => write(writer)));

    const stored = await allItems(client, id);
    const { head } = await client.call(getConversation, { conversationId: id }, ACME);
    expect(stored.map(({ sequence }) => sequence)).toEqual(Array.from({ length: head }, (_, n) => n + 1));
    expect([...acknowledged].sort(bySequence)).toEqual(stored);
    expect(new Set(stored.map(textOf)).size).toBe(stored.length);
    // Every writer finds its own rounds, and the items of one round next to each other, in its order.
    for (let writer = 0; writer < 100; writer += 1) {
      const own = stored.map(textOf).filter((text) => text.startsWith(`${writer}/`));
      expect(own).toEqual([...own].sort());
    }
    for (const item of stored.filter((entry) => textOf(entry).endsWith('/1'))) {
      const before = stored[(item.sequence ?? 0) - 2];
      expect(before && textOf(before)).toBe(textOf(item).replace(/1$/, '0'));
    }
  });
});

function bySequence(a: Item, b: Item): number {
  return (a.sequence ?? 0) - (b.sequence ?? 0);
}
