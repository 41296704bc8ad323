import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { png, SVG } from './pictures.js';
import { type RunningGateway, startGateway } from './running-gateway.js';

let gateway: RunningGateway;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startGateway();
  client = gateway.client;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

describe('a file', () => {
  const upload = (bytes: Uint8Array, name = 'notes.txt', type = 'text/plain') =>
    client.files.create({
      file: new File([new Uint8Array(bytes)], name, { type }),
      purpose: 'user_data',
      expires_after: { anchor: 'created_at', seconds: 3_600 },
    });

  it('is uploaded, listed, read back as an attachment and deleted', async () => {
    const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, index) => index % 251));
    const file = await upload(bytes, '报销 notes.bin', 'application/octet-stream');
    const listed = await client.files.list({ purpose: 'user_data' });
    const content = await gateway.fetch(`/v1/files/${file.id}/content`);

    expect(file).toMatchObject({
      object: 'file',
      bytes: 400_000,
      filename: '报销 notes.bin',
      status: 'processed',
    });
    expect(file.expires_at).toBeGreaterThan(Date.now() / 1_000);
    expect(listed.data.map(({ id }) => id)).toEqual([file.id]);
    expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
    expect(content.headers.get('content-disposition')).toMatch(/^attachment; filename\*=UTF-8''/);
    expect(content.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await client.files.delete(file.id)).toMatchObject({ deleted: true });
    await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 });
  });

  it('that is a damaged picture is refused', async () => {
    await expect(upload((await png(100, 100)).subarray(0, 50), 'a.png', 'image/png')).rejects.toMatchObject({
      status: 400,
      param: 'file',
    });
    await expect(upload(SVG, 'a.svg', 'image/svg+xml')).rejects.toMatchObject({ status: 400, param: 'file' });
  });

  it('needs a purpose and a form', async () => {
    const form = new FormData();
    form.append('file', new Blob(['x']), 'x.txt');
    const noPurpose = await gateway.fetch('/v1/files', { method: 'POST', body: form });
    const noForm = await gateway.post('/v1/files', { purpose: 'user_data' });

    expect(await noPurpose.json()).toMatchObject({ error: { param: 'purpose' } });
    expect(noForm.status).toBe(400);
  });
});
