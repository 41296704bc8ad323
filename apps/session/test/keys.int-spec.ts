import { createHash, randomBytes } from 'node:crypto';
import { createKey, listKeys, revokeKey, verifyKey } from '@trivium/contracts/session';
import { type NatsProcess, type PostgresProcess, startNats, startPostgres } from '@trivium/local-servers';
import type { Messaging } from '@trivium/messaging';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectClient, type Replica, startReplica, untilReady } from './session-replica.js';

const CONFIGURED = 'sk-trivium-chosen-by-the-operator';

let postgres: PostgresProcess;
let nats: NatsProcess;
let replica: Replica;
let client: Messaging;

const start = () =>
  startReplica({ natsUrl: nats.url, databaseUrl: postgres.url }, { TRIVIUM_API_KEY: CONFIGURED });

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  replica = await start();
  client = await connectClient(nats.url);
  await untilReady(replica);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await replica[Symbol.asyncDispose]();
  await Promise.all([nats.stop(), postgres.stop()]);
});

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const newHash = () => hashOf(randomBytes(32).toString('base64url'));
const unknown = { code: 'invalid_api_key', retryable: false };

describe('a key', () => {
  it('names its tenant and scopes to whoever holds it', async () => {
    const hash = newHash();

    const { keyId, created } = await client.call(createKey, {
      hash,
      tenant: 'acme',
      name: 'laptop',
      scopes: ['chat', 'files'],
    });

    expect(created).toBe(true);
    expect(await client.call(verifyKey, { hash })).toEqual({
      keyId,
      tenant: 'acme',
      name: 'laptop',
      scopes: ['chat', 'files'],
    });
  });

  it('is made once, however often it is asked for', async () => {
    const key = { hash: newHash(), tenant: 'acme', name: 'twice', scopes: [] };

    const answers = await Promise.all(Array.from({ length: 10 }, () => client.call(createKey, key)));

    expect(new Set(answers.map(({ keyId }) => keyId)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    await expect(client.call(createKey, { ...key, tenant: 'rival' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(await client.call(verifyKey, { hash: key.hash })).toMatchObject({ tenant: 'acme' });
  });

  it('that nobody made is not valid', async () => {
    await expect(client.call(verifyKey, { hash: newHash() })).rejects.toMatchObject(unknown);
  });

  it('stops working when it is revoked, for good', async () => {
    const key = { hash: newHash(), tenant: 'acme', name: 'lost', scopes: [] };
    const { keyId } = await client.call(createKey, key);

    await client.call(revokeKey, { keyId }, { tenant: 'acme' });
    const { keys } = await client.call(listKeys, {}, { tenant: 'acme' });
    const { revokedAt } = keys.find((listed) => listed.keyId === keyId) ?? {};
    await client.call(revokeKey, { keyId }, { tenant: 'acme' });

    await expect(client.call(verifyKey, { hash: key.hash })).rejects.toMatchObject(unknown);
    expect(revokedAt).toEqual(expect.any(Number));
    expect(await client.call(createKey, key)).toEqual({ keyId, created: false });
    await expect(client.call(verifyKey, { hash: key.hash })).rejects.toMatchObject(unknown);
  });

  it('is listed for its tenant alone', async () => {
    const hash = newHash();
    const { keyId } = await client.call(createKey, { hash, tenant: 'owner', name: 'mine', scopes: ['a'] });

    const { keys } = await client.call(listKeys, {}, { tenant: 'owner' });
    const others = await client.call(listKeys, {}, { tenant: 'someone-else' });

    expect(keys).toEqual([
      { keyId, name: 'mine', scopes: ['a'], createdAt: expect.any(Number) as number, revokedAt: null },
    ]);
    expect(others.keys).toEqual([]);
    await expect(client.call(revokeKey, { keyId }, { tenant: 'someone-else' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('belongs to somebody', async () => {
    await expect(
      client.call(createKey, { hash: newHash(), tenant: '', name: 'nobody', scopes: [] }),
    ).rejects.toMatchObject({ code: 'invalid_request', param: 'tenant' });
    await expect(client.call(listKeys, {})).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('the key that the operator chose', () => {
  it('works for tenant default and is nowhere in the database', async () => {
    expect(await client.call(verifyKey, { hash: hashOf(CONFIGURED) })).toMatchObject({
      tenant: 'default',
      scopes: ['admin'],
    });
    const connection = new pg.Client({ connectionString: postgres.url });
    await connection.connect();
    const { rows } = await connection.query(`SELECT api_key::text AS row FROM session.api_key`);
    await connection.end();
    expect(JSON.stringify(rows)).not.toContain(CONFIGURED);
  });

  it('stays revoked over a restart, which does not fail for it', async () => {
    const { keyId } = await client.call(verifyKey, { hash: hashOf(CONFIGURED) });
    await client.call(revokeKey, { keyId }, { tenant: 'default' });
    await replica[Symbol.asyncDispose]();

    replica = await start();
    await untilReady(replica);

    await expect(client.call(verifyKey, { hash: hashOf(CONFIGURED) })).rejects.toMatchObject(unknown);
  });
});
