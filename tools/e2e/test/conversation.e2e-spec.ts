import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleUrl, startTestHouse } from '../src/index.js';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'trivium-e2e-home-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

it('keeps a conversation, its answer and its picture across a restart', async () => {
  const photo = await sampleUrl('invoices/invoice-02.jpg', 'image/jpeg');
  let conversationId: string;
  let responseId: string;
  let said: string;
  {
    await using first = await startTestHouse({}, home);
    const conversation = await first.client.conversations.create({ metadata: { case: '42' } });
    conversationId = conversation.id;
    const events: string[] = [];
    const stream = await first.client.responses.create({
      model: 'trivium',
      conversation: conversationId,
      stream: true,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: '价税合计是多少？' },
            { type: 'input_image', image_url: photo, detail: 'auto' },
          ],
        },
      ],
    });
    said = '';
    responseId = '';
    let sequence = -1;
    for await (const event of stream) {
      events.push(event.type);
      expect(event.sequence_number).toBe(sequence + 1);
      sequence = event.sequence_number;
      if (event.type === 'response.output_text.delta') said += event.delta;
      if (event.type === 'response.completed') responseId = event.response.id;
    }
    expect(events[0]).toBe('response.created');
    expect(events.at(-1)).toBe('response.completed');
    expect(said).toContain('价税合计');
  }

  await using second = await startTestHouse({}, home);
  const stored = await second.client.responses.retrieve(responseId);
  const items = await second.client.conversations.items.list(conversationId, { order: 'asc' });
  const roles = items.data.map((item) => (item.type === 'message' ? item.role : item.type));

  expect(stored.output_text).toBe(said);
  expect(roles).toEqual(['user', 'assistant']);
  expect((await second.client.conversations.retrieve(conversationId)).metadata).toEqual({ case: '42' });

  const followUp = await second.client.responses.create({
    model: 'trivium',
    conversation: conversationId,
    input: '发票号码是多少？',
  });
  const number = /发票号码[^0-9]*(\d{8,20})/.exec(said)?.[1] ?? 'no number in the first answer';
  expect(followUp.output_text).toContain(number);

  const branch = await second.client.responses.create({
    model: 'trivium',
    previous_response_id: responseId,
    input: 'Who is the seller?',
  });
  expect(branch.previous_response_id).toBe(responseId);

  await second.client.responses.delete(branch.id);
  await expect(second.client.responses.retrieve(branch.id)).rejects.toMatchObject({ status: 404 });
});
