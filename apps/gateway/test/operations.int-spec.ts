import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';

let gateway: RunningGateway;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startGateway();
  client = gateway.client;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

describe('models', () => {
  it('say what they are for, as far as that is known', async () => {
    gateway.services.models = [
      {
        id: 'mini',
        task: 'embed',
        placement: 'cpu',
        ownedBy: 'trivium',
        created: 5,
        ready: true,
        description: 'A small model.',
        contextWindow: 512,
        dimensions: 384,
      },
    ];
    const { data } = (await (await gateway.fetch('/v1/models')).json()) as { data: object[] };

    expect(data[0]).toMatchObject({ id: 'trivium', description: expect.stringContaining('small') });
    expect(data[1]).toEqual({
      id: 'mini',
      object: 'model',
      created: 5,
      owned_by: 'trivium',
      description: 'A small model.',
      context_window: 512,
      dimensions: 384,
    });
  });

  it('are the assistant and what the text service lists', async () => {
    gateway.services.models = [
      { id: 'org/big', task: 'generate', placement: 'remote', ownedBy: 'org', created: 5, ready: true },
    ];
    const ids = [];
    for await (const { id } of client.models.list()) ids.push(id);

    expect(ids).toEqual(['trivium', 'org/big']);
    expect(await client.models.retrieve('org/big')).toMatchObject({ owned_by: 'org' });
    expect(await (await gateway.fetch('/v1/models/org/big')).json()).toMatchObject({ id: 'org/big' });
    await expect(client.models.retrieve('none')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });
});

describe('operations', () => {
  it('leads from the root to the documentation, without a key', async () => {
    const followed = await fetch(gateway.url);
    const root = await fetch(gateway.url, { redirect: 'manual' });

    expect(root.status).toBe(302);
    expect(root.headers.get('location')).toBe('/docs');
    expect(await root.text()).toContain('/openapi.json');
    expect(await followed.text()).toContain('<h1>Trivium API</h1>');
  });

  it('describe the API without a key', async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { openapi: string };
    const page = await fetch(`${gateway.url}/docs`);
    const html = await page.text();

    expect(document.openapi).toBe('3.1.0');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('/v1/chat/completions');
    expect(html).not.toMatch(/<script|src=|https?:\/\/(?!localhost)/);
  });

  it('keep metrics off this port unless configured', async () => {
    expect((await gateway.fetch('/metrics')).status).toBe(404);
  });

  it('answer with the request id and the time it took', async () => {
    const response = await gateway.fetch('/v1/models', { headers: { authorization: `Bearer ${LOCAL_KEY}` } });

    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
  });
});
