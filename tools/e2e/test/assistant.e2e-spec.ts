import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleTruth, sampleUrl, startTestHouse, type TestHouse } from '../src/index.js';

let house: TestHouse;
beforeAll(async () => {
  house = await startTestHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

async function ask(content: string, more: object = {}): Promise<OpenAI.ChatCompletion.Choice> {
  const completion = await house.client.chat.completions.create({
    model: 'trivium',
    messages: [{ role: 'user', content }],
    ...more,
  });
  return completion.choices[0] as OpenAI.ChatCompletion.Choice;
}

describe('a house without any configured language model', () => {
  it('greets, says what it can do, and does not make things up, in both languages', async () => {
    expect((await ask('你好')).message.content).toContain('Trivium');
    expect((await ask('hello')).message.content).toContain('Trivium');
    expect((await ask('你能做什么？')).message.content).toContain('发票');
    expect((await ask('What can you do?')).message.content).toContain('invoices');
    expect((await ask('法国的首都是哪里？')).message.content).toContain('models pull');
    expect((await ask('Who was Einstein?')).message.content).toContain('models pull');
  });

  it.each(['zh', 'en'] as const)(
    'answers three questions about an invoice photo from the stored conversation (%s)',
    async (language) => {
      const truth = await sampleTruth('invoices/invoice-01');
      const conversation = await house.client.conversations.create({});
      const say = async (input: OpenAI.Responses.ResponseInput | string): Promise<string> =>
        (await house.client.responses.create({ model: 'trivium', conversation: conversation.id, input }))
          .output_text;
      await say([
        {
          role: 'user',
          content: [
            { type: 'input_text', text: language === 'zh' ? '请看这张发票' : 'Look at this invoice' },
            {
              type: 'input_image',
              image_url: await sampleUrl('invoices/invoice-01.jpg', 'image/jpeg'),
              detail: 'auto',
            },
          ],
        },
      ]);

      const questions =
        language === 'zh'
          ? ['价税合计是多少？', '谁开的票？', '哪天开的？']
          : ['What is the total?', 'Who sold it?', 'When was it issued?'];
      const [total, seller, date] = [
        await say(questions[0] ?? ''),
        await say(questions[1] ?? ''),
        await say(questions[2] ?? ''),
      ];

      expect(total).toContain(truth.fields['total']);
      expect(seller).toContain(truth.fields['sellerName']);
      expect(date).toContain(truth.fields['date']);
    },
  );

  it.each([
    ['zh', '订单号: SO483920\n数量: 12\n联系人: 王芳\n', '提取这些字段'],
    ['en', 'Order number: PO771204\nQuantity: 12\nContact: Clara Evans\n', 'extract these fields'],
  ])('answers as JSON by schema (%s)', async (_, facts, request) => {
    const schema = {
      type: 'object',
      properties: {
        order_number: { type: 'string' },
        quantity: { type: 'integer' },
        contact: { type: 'string' },
      },
      required: ['order_number', 'quantity', 'contact'],
      additionalProperties: false,
    };
    const choice = await ask(`${facts}${request}`, {
      response_format: { type: 'json_schema', json_schema: { name: 'order', schema, strict: true } },
    });

    expect(JSON.parse(choice.message.content ?? '')).toEqual({
      order_number: /S?P?O\d+/.exec(facts)?.[0],
      quantity: 12,
      contact: facts.includes('王芳') ? '王芳' : 'Clara Evans',
    });
  });

  it.each([
    ['杭州天气怎么样？', '杭州'],
    ['What is the weather in Oslo?', 'Oslo'],
  ])('calls a tool when one is needed, and tells what it answered: %s', async (question, city) => {
    const tools: OpenAI.ChatCompletionTool[] = [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'Weather of a city now',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
      },
    ];
    const choice = await ask(question, { tools });
    const [call] = choice.message.tool_calls ?? [];

    expect(choice.finish_reason).toBe('tool_calls');
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather' } });
    const called = call as OpenAI.ChatCompletionMessageFunctionToolCall;
    expect(JSON.parse(called.function.arguments)).toEqual({ city });

    const told = await house.client.chat.completions.create({
      model: 'trivium',
      tools,
      messages: [
        { role: 'user', content: question },
        choice.message,
        { role: 'tool', tool_call_id: called.id, content: '{"temperature": "17°C"}' },
      ],
    });
    expect(told.choices[0]?.message.content).toContain('17°C');
  });

  it('streams to two clients at once, each its own answer', async () => {
    const read = async (content: string): Promise<{ text: string; parts: number }> => {
      const stream = await house.client.chat.completions.create({
        model: 'trivium',
        stream: true,
        messages: [{ role: 'user', content }],
      });
      let text = '';
      let parts = 0;
      for await (const chunk of stream) {
        const delta = chunk.choices[0]?.delta.content ?? '';
        text += delta;
        if (delta !== '') parts += 1;
      }
      return { text, parts };
    };
    const alone = [await read('你能做什么？'), await read('What can you do?')];

    const together = await Promise.all([read('你能做什么？'), read('What can you do?')]);

    expect(together.map(({ text }) => text)).toEqual(alone.map(({ text }) => text));
    for (const { parts } of together) expect(parts).toBeGreaterThan(5);
  });
});
