import type { CallContract } from '@trivium/contracts';
import * as session from '@trivium/contracts/session';
import { type NatsProcess, type PostgresProcess, startNats, startPostgres } from '@trivium/local-servers';
import type { Messaging } from '@trivium/messaging';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACME,
  connectClient,
  type Replica,
  RIVAL,
  say,
  startReplica,
  turn,
  untilReady,
} from './session-replica.js';

let postgres: PostgresProcess;
let nats: NatsProcess;
let replica: Replica;
let client: Messaging;
let owned: Owned;

interface Owned {
  readonly conversationId: string;
  readonly itemId: string;
  readonly responseId: string;
  readonly fileId: string;
  readonly keyId: string;
}

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  replica = await startReplica({ natsUrl: nats.url, databaseUrl: postgres.url });
  client = await connectClient(nats.url);
  await untilReady(replica);
  owned = await fill();
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await replica[Symbol.asyncDispose]();
  await Promise.all([nats.stop(), postgres.stop()]);
});

async function fill(): Promise<Owned> {
  const { id: conversationId } = await client.call(
    session.createConversation,
    { items: [say('mine')] },
    ACME,
  );
  const { items } = await client.call(session.listItems, { conversationId }, ACME);
  const { response } = await client.call(session.appendTurn, { ...turn(), conversationId }, ACME);
  const content = await client.blobs.put(randomBytes(10), 'image/png');
  const { id: fileId } = await client.call(
    session.putFile,
    { content, filename: 'mine.png', purpose: 'vision' },
    ACME,
  );
  const hash = randomBytes(32).toString('hex');
  const { keyId } = await client.call(session.createKey, { hash, tenant: 'acme', name: 'mine', scopes: [] });
  return { conversationId, itemId: items[0]?.id ?? '', responseId: response.id, fileId, keyId };
}

type Name = keyof typeof session;

/** Every call that names something, with what belongs to another tenant. */
const NAMING: Partial<Record<Name, (owned: Owned) => object>> = {
  revokeKey: ({ keyId }) => ({ keyId }),
  getConversation: ({ conversationId }) => ({ conversationId }),
  updateConversation: ({ conversationId }) => ({ conversationId, metadata: { taken: 'over' } }),
  deleteConversation: ({ conversationId }) => ({ conversationId }),
  listItems: ({ conversationId }) => ({ conversationId }),
  getItem: ({ conversationId, itemId }) => ({ conversationId, itemId }),
  appendItems: ({ conversationId }) => ({ conversationId, items: [say('intruder')] }),
  loadHistory: ({ conversationId }) => ({ conversationId }),
  appendTurn: ({ conversationId }) => ({ ...turn(), conversationId }),
  getResponse: ({ responseId }) => ({ responseId }),
  listResponseInput: ({ responseId }) => ({ responseId }),
  deleteResponse: ({ responseId }) => ({ responseId }),
  getFile: ({ fileId }) => ({ fileId }),
  readFile: ({ fileId }) => ({ fileId }),
  deleteFile: ({ fileId }) => ({ fileId }),
};

/** Calls that name nothing: they make something new, list the caller's own, or find out the tenant. */
const NAMELESS: readonly Name[] = [
  'verifyKey',
  'createKey',
  'listKeys',
  'createConversation',
  'putFile',
  'listFiles',
];

const contracts = Object.entries(session).filter(
  ([, value]) => 'kind' in value && value.kind === 'call',
) as unknown as [Name, CallContract][];

it('knows every call that the session answers', () => {
  expect(contracts.map(([name]) => name).sort()).toEqual([...Object.keys(NAMING), ...NAMELESS].sort());
});

describe('what another tenant owns is not there', () => {
  it.each(contracts.filter(([name]) => name in NAMING))('for %s', async (name, contract) => {
    const request = NAMING[name]?.(owned) as never;

    await expect(client.call(contract, request, RIVAL)).rejects.toMatchObject({ code: 'not_found' });
    await expect(client.call(contract, request, {})).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('for a turn that follows its response', async () => {
    const request = { ...turn(), previousResponseId: owned.responseId };

    await expect(client.call(session.appendTurn, request, RIVAL)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(
      client.call(session.loadHistory, { previousResponseId: owned.responseId }, RIVAL),
    ).rejects.toMatchObject({ code: 'not_found' });
  });

  it('for a listing that goes on after it', async () => {
    const { id } = await client.call(session.createConversation, {}, RIVAL);
    const unknown = { code: 'invalid_request', param: 'after' };

    await expect(
      client.call(session.listItems, { conversationId: id, after: owned.itemId }, RIVAL),
    ).rejects.toMatchObject(unknown);
    await expect(client.call(session.listFiles, { after: owned.fileId }, RIVAL)).rejects.toMatchObject(
      unknown,
    );
  });

  it('in any list', async () => {
    expect(await client.call(session.listFiles, {}, RIVAL)).toEqual({ files: [], hasMore: false });
    expect(await client.call(session.listKeys, {}, RIVAL)).toEqual({ keys: [] });
  });

  it('and is as it was after all these attempts', async () => {
    const { conversationId, itemId, responseId, fileId, keyId } = owned;

    const conversation = await client.call(session.getConversation, { conversationId }, ACME);
    const item = await client.call(session.getItem, { conversationId, itemId }, ACME);
    const response = await client.call(session.getResponse, { responseId }, ACME);
    const { content } = await client.call(session.readFile, { fileId }, ACME);
    const { keys } = await client.call(session.listKeys, {}, ACME);

    expect(conversation).toMatchObject({ head: 3, metadata: {} });
    expect(item.parts).toEqual([{ type: 'text', text: 'mine' }]);
    expect(response.output).toHaveLength(1);
    expect((await client.blobs.get(content)).byteLength).toBe(10);
    expect(keys).toMatchObject([{ keyId, revokedAt: null }]);
  });
});
