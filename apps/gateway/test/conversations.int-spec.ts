import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('a conversation', () => {
  it('is made, labelled, shown and deleted', async () => {
    const made = await client.conversations.create({ metadata: { topic: 'a' } });
    const updated = await client.conversations.update(made.id, { metadata: { topic: 'b' } });
    const deleted = await client.conversations.delete(made.id);

    expect(made).toMatchObject({ object: 'conversation', metadata: { topic: 'a' } });
    expect(updated.metadata).toEqual({ topic: 'b' });
    expect(deleted).toEqual({ id: made.id, object: 'conversation.deleted', deleted: true });
    await expect(client.conversations.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it('needs no body', async () => {
    const response = await gateway.fetch('/v1/conversations', { method: 'POST' });

    expect(response.status).toBe(200);
  });

  it('holds items in order, page by page', async () => {
    const { id } = await client.conversations.create({
      items: [{ type: 'message', role: 'user', content: 'one' }],
    });
    await client.conversations.items.create(id, {
      items: [
        { type: 'message', role: 'assistant', content: 'two' },
        { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'ok' },
      ],
    });
    const items = [];
    for await (const item of client.conversations.items.list(id, { order: 'asc', limit: 2 }))
      items.push(item);

    expect(items.map(({ type }) => type)).toEqual([
      'message',
      'message',
      'function_call',
      'function_call_output',
    ]);
    expect(items[0]).toMatchObject({ role: 'user', content: [{ type: 'input_text', text: 'one' }] });
    expect(items[1]).toMatchObject({ role: 'assistant', content: [{ type: 'output_text', text: 'two' }] });
    for (const item of items) {
      const shown = await client.conversations.items.retrieve(item.id ?? '', { conversation_id: id });
      expect(shown).toEqual(item);
    }
  });

  it('of another tenant does not exist', async () => {
    gateway.services.addKey('sk-trivium-stranger', { tenant: 'other' });
    const { id } = await client.conversations.create({});
    const response = await gateway.fetch(`/v1/conversations/${id}`, {
      headers: { authorization: 'Bearer sk-trivium-stranger' },
    });

    expect(response.status).toBe(404);
  });
});
