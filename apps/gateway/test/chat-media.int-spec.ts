import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { saying } from './fake-services.js';
import { dataUrl, hugePng, png, SVG } from './pictures.js';
import { type RunningGateway, startGateway } from './running-gateway.js';

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});
beforeEach(() => {
  gateway.services.turn = saying('Hello', ' there');
  gateway.services.turns.length = 0;
});

describe('pictures and files in a message', () => {
  const ask = (part: object) =>
    gateway.post('/v1/chat/completions', {
      model: 'trivium',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, part] }],
    });
  const askAbout = (url: string) => ask({ type: 'image_url', image_url: { url, detail: 'high' } });

  it('reach the router as bytes under their true type', async () => {
    const bytes = await png();
    await askAbout(dataUrl('image/png', bytes));

    expect(gateway.services.turns[0]?.messages[0]?.content[1]).toMatchObject({
      type: 'image',
      image: { kind: 'inline', mediaType: 'image/png', bytes },
      detail: 'high',
      path: 'messages[0].content[1].image_url',
    });
  });

  it('travel by reference when they are large', async () => {
    const noise = Buffer.from(Float64Array.from({ length: 60_000 }, Math.random).buffer);
    const response = await ask({
      type: 'file',
      file: { file_data: dataUrl('application/octet-stream', noise), filename: 'noise.bin' },
    });

    expect(response.status).toBe(200);
    expect(gateway.services.turns[0]?.messages[0]?.content[1]).toMatchObject({
      type: 'file',
      filename: 'noise.bin',
      file: { kind: 'blob', size: noise.byteLength },
    });
  });

  it.each([
    ['no image', async () => dataUrl('image/png', Buffer.from('plainly not an image'))],
    ['a cut-off image', async () => dataUrl('image/png', (await png(200, 200)).subarray(0, 60))],
    ['50,000 x 50,000 pixels', async () => dataUrl('image/png', await hugePng())],
    ['SVG', async () => dataUrl('image/svg+xml', SVG)],
    ['an image under a wrong name', async () => dataUrl('image/jpeg', await png())],
  ])('are refused: %s', async (_what, url) => {
    const response = await askAbout(await url());

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'unsupported_media', param: 'messages[0].content[1].image_url' },
    });
    expect(gateway.services.turns).toHaveLength(0);
  });

  it('are not fetched from elsewhere', async () => {
    const response = await askAbout('https://example.com/cat.png');

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: {
        code: 'unsupported_parameter',
        param: 'messages[0].content[1].image_url',
        message: expect.stringContaining('fetching remote URLs is off'),
      },
    });
  });

  it('must be base64 to the last character', async () => {
    const response = await askAbout('data:image/png;base64,iVBORw0KGgo*AAAA');

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'messages[0].content[1].image_url' } });
  });

  it('may be uploads', async () => {
    const upload = await gateway.client.files.create({
      file: new File([new Uint8Array(await png())], 'receipt.png', { type: 'image/png' }),
      purpose: 'vision',
    });
    await ask({ type: 'file', file: { file_id: upload.id } });
    const missing = await ask({ type: 'file', file: { file_id: 'file_none' } });

    expect(gateway.services.turns[0]?.messages[0]?.content[1]).toMatchObject({
      type: 'file',
      fileId: upload.id,
      filename: 'receipt.png',
      file: { mediaType: 'image/png' },
    });
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: { param: 'messages[0].content[1].file' } });
  });
});
