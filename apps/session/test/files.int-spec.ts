import { createHash, randomBytes } from 'node:crypto';
import {
  deleteFile,
  getFile,
  listFiles,
  putFile,
  readFile,
  type StoredFile,
} from '@trivium/contracts/session';
import { type NatsProcess, type PostgresProcess, startNats, startPostgres } from '@trivium/local-servers';
import type { Messaging } from '@trivium/messaging';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACME, connectClient, type Replica, startReplica, untilReady } from './session-replica.js';

const MIB = 1024 * 1024;
const MAX_BYTES = 12 * MIB;
const QUOTA = 32 * MIB;

let postgres: PostgresProcess;
let nats: NatsProcess;
let replica: Replica;
let client: Messaging;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  replica = await startReplica(
    { natsUrl: nats.url, databaseUrl: postgres.url },
    {
      SESSION_FILE_MAX_BYTES: String(MAX_BYTES),
      SESSION_TENANT_FILE_BYTES: String(QUOTA),
      SESSION_FILE_SWEEP_MS: '50',
    },
  );
  client = await connectClient(nats.url);
  await untilReady(replica);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await replica[Symbol.asyncDispose]();
  await Promise.all([nats.stop(), postgres.stop()]);
});

async function put(
  bytes: Uint8Array,
  overrides: { filename?: string; purpose?: StoredFile['purpose']; expiresAt?: number } = {},
  options = ACME,
): Promise<StoredFile> {
  const content = await client.blobs.put(bytes, 'image/png');
  return client.call(
    putFile,
    { content, filename: 'photo.png', purpose: 'user_data', ...overrides },
    options,
  );
}

describe('a file', () => {
  it.each([
    ['nothing', 0],
    ['one byte', 1],
    ['exactly one chunk', MIB],
    ['one byte more than a chunk', MIB + 1],
    ['10 MiB', 10 * MIB],
  ])('of %s comes back byte for byte', async (_, size) => {
    const bytes = randomBytes(size);

    const file = await put(bytes);
    const read = await client.call(readFile, { fileId: file.id }, ACME);

    expect(file).toMatchObject({
      filename: 'photo.png',
      mediaType: 'image/png',
      purpose: 'user_data',
      size,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      expiresAt: null,
    });
    expect(read.file).toEqual(file);
    expect(read.content.mediaType).toBe('image/png');
    expect(Buffer.from(await client.blobs.get(read.content)).equals(bytes)).toBe(true);
    await client.call(deleteFile, { fileId: file.id }, ACME);
  });

  it('over the limit is refused before it is fetched', async () => {
    const content = await client.blobs.put(randomBytes(MAX_BYTES + 1), 'image/png');
    await client.blobs.delete(content);

    await expect(
      client.call(putFile, { content, filename: 'big.png', purpose: 'vision' }, ACME),
    ).rejects.toMatchObject({ code: 'payload_too_large', param: 'content' });
  });

  it('whose blob is gone is not kept', async () => {
    const content = await client.blobs.put(randomBytes(MIB), 'image/png');
    await client.blobs.delete(content);

    await expect(
      client.call(putFile, { content, filename: 'late.png', purpose: 'vision' }, ACME),
    ).rejects.toMatchObject({ code: 'not_found' });
    const { files } = await client.call(listFiles, { purpose: 'vision' }, ACME);
    expect(files).toEqual([]);
  });

  it('is gone when it is deleted, chunks and all', async () => {
    const file = await put(randomBytes(2 * MIB));

    expect(await client.call(deleteFile, { fileId: file.id }, ACME)).toEqual({ id: file.id, deleted: true });

    for (const contract of [getFile, readFile, deleteFile]) {
      await expect(client.call(contract, { fileId: file.id }, ACME)).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    expect(await chunksOf(file.id)).toBe(0);
  });

  it('that was damaged in the database is not passed on', async () => {
    const file = await put(randomBytes(1000));
    await sql(`UPDATE session.file_chunk SET bytes = set_byte(bytes, 7, get_byte(bytes, 7) # 1)
               WHERE file_id = '${file.id}'`);

    await expect(client.call(readFile, { fileId: file.id }, ACME)).rejects.toMatchObject({
      code: 'internal',
    });
  });
});

describe('a file with an end', () => {
  it('is not seen after it, swept or not', async () => {
    const expiresAt = Math.ceil(Date.now() / 1000) + 1;
    const file = await put(randomBytes(10), { expiresAt });
    const look = () => client.call(getFile, { fileId: file.id }, ACME).catch((error: unknown) => error);
    expect(await look()).toMatchObject({ expiresAt });
    // The sweep passes over rows that someone else holds.
    await using holder = await connectTo(postgres.url);
    await holder.query(`BEGIN`);
    await holder.query(`SELECT 1 FROM session.file WHERE id = $1 FOR UPDATE`, [file.id]);

    await expect.poll(look, { timeout: 5_000 }).toMatchObject({ code: 'not_found' });
    expect(await chunksOf(file.id)).toBe(1);
    await holder.query(`ROLLBACK`);

    await expect.poll(() => chunksOf(file.id), { timeout: 5_000 }).toBe(0);
  });

  it('may not have ended already', async () => {
    await expect(put(randomBytes(1), { expiresAt: 1 })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'expiresAt',
    });
  });
});

it('lists files in pages, by purpose', async () => {
  const options = { tenant: 'lister' };
  const names: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    const { filename } = await put(
      randomBytes(1),
      { filename: `${n}.png`, purpose: n === 2 ? 'batch' : 'vision' },
      options,
    );
    names.push(filename);
  }
  const list = (request: { after?: string; limit?: number; purpose?: 'vision'; order?: 'asc' }) =>
    client.call(listFiles, request, options);

  const first = await list({ limit: 2 });
  const second = await list({ limit: 2, after: first.files[1]?.id ?? '' });
  const vision = await list({ purpose: 'vision', order: 'asc' });

  expect(first.files.map(({ filename }) => filename)).toEqual(['4.png', '3.png']);
  expect(second.files.map(({ filename }) => filename)).toEqual(['2.png', '1.png']);
  expect([first.hasMore, second.hasMore, vision.hasMore]).toEqual([true, true, false]);
  expect(vision.files.map(({ filename }) => filename)).toEqual(names.filter((name) => name !== '2.png'));
  await expect(list({ after: 'file_none' })).rejects.toMatchObject({ param: 'after' });
});

it('keeps a tenant within its quota, whatever comes at once', async () => {
  const options = { tenant: 'hoarder' };

  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => put(randomBytes(10 * MIB), {}, options)),
  );

  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(2);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'payload_too_large' });
  expect((await client.call(listFiles, {}, options)).files).toHaveLength(3);
});

async function connectTo(url: string): Promise<pg.Client & AsyncDisposable> {
  const connection = new pg.Client({ connectionString: url });
  await connection.connect();
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.end() });
}

async function sql(statement: string): Promise<unknown[]> {
  await using connection = await connectTo(postgres.url);
  return (await connection.query(statement)).rows as unknown[];
}

async function chunksOf(fileId: string): Promise<number> {
  const rows = await sql(`SELECT 1 FROM session.file_chunk WHERE file_id = '${fileId}'`);
  return rows.length;
}
