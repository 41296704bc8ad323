import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleTruth, sampleUrl, startTestHouse, type TestHouse } from '../src/index.js';

/** The assistant as it comes: nothing configured, no model added, no way out to the internet. */
let trivium: TestHouse;
beforeAll(async () => {
  trivium = await startTestHouse();
});
afterAll(() => trivium[Symbol.asyncDispose]());

const ask = async (content: string): Promise<string> => {
  const answer = await trivium.client.chat.completions.create({
    model: 'trivium',
    messages: [{ role: 'user', content }],
  });
  return answer.choices[0]?.message.content ?? '';
};

describe('small talk out of the box', () => {
  it.each([
    ['你好', '我是 Trivium'],
    ['hello', 'I am Trivium'],
    ['你能做什么', '我能做这些'],
    ['What can you do?', 'I can read invoices'],
    ['法国的首都是哪里？', '不知道，也不会编造'],
    ['Who was Einstein?', 'will not make it up'],
    ['怎么添加更大的模型', 'models pull'],
    ['How do I add a larger model?', 'models pull'],
  ])('%s', async (question, part) => {
    expect(await ask(question)).toContain(part);
  });

  it('says what it is in the list of models', async () => {
    const { data } = await trivium.client.models.list();

    expect(data.find(({ id }) => id === 'trivium-mini-chat')).toMatchObject({
      description: expect.stringContaining('small model'),
    });
  });
});

describe.each([
  {
    language: 'Chinese',
    sample: 'invoices/invoice-02',
    first: '看一下这张发票',
    questions: [
      ['发票号码是多少？', 'number'],
      ['价税合计是多少？', 'total'],
      ['销售方是谁？', 'sellerName'],
    ],
  },
  {
    language: 'English',
    sample: 'invoices/invoice-04',
    first: 'Please read this invoice',
    questions: [
      ['What is the invoice number?', 'number'],
      ['Who is the buyer?', 'buyerName'],
      ['What is the net amount?', 'netAmount'],
    ],
  },
] as const)('an invoice photo and follow-up questions in $language', ({ sample, first, questions }) => {
  it('are answered from the state of the conversation', async () => {
    const { fields } = await sampleTruth(`${sample}.json`);
    const { id } = await trivium.client.conversations.create({});
    const read = await trivium.client.responses.create({
      model: 'trivium',
      conversation: id,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: first },
            {
              type: 'input_image',
              image_url: await sampleUrl(`${sample}.jpg`, 'image/jpeg'),
              detail: 'auto',
            },
          ],
        },
      ],
    });
    expect(read.output_text).toContain(fields.number);

    for (const [question, field] of questions) {
      const answer = await trivium.client.responses.create({
        model: 'trivium',
        conversation: id,
        input: question,
      });
      expect(answer.output_text).toContain(fields[field]);
    }
  });
});

it('copies values into JSON by a schema', async () => {
  const answer = await trivium.client.chat.completions.create({
    model: 'trivium',
    messages: [
      {
        role: 'user',
        content:
          '<document name="order.pdf">\n订单号: SO20391847\n商品: 无线鼠标\n数量: 12\n</document>\n提取这些字段',
      },
    ],
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'order',
        strict: true,
        schema: {
          type: 'object',
          properties: {
            order_number: { type: 'string' },
            product: { type: 'string' },
            quantity: { type: 'string' },
          },
          required: ['order_number', 'product', 'quantity'],
          additionalProperties: false,
        },
      },
    },
  });

  expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({
    order_number: 'SO20391847',
    product: '无线鼠标',
    quantity: '12',
  });
});

it('calls a tool and tells its result', async () => {
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
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: 'user', content: 'What is the weather in Oslo?' },
  ];
  const called = await trivium.client.chat.completions.create({ model: 'trivium', messages, tools });
  const [call] = called.choices[0]?.message.tool_calls ?? [];
  if (call?.type !== 'function') throw new Error('no tool was called');

  expect(called.choices[0]?.finish_reason).toBe('tool_calls');
  expect(call.function.name).toBe('get_weather');
  expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Oslo' });

  const told = await trivium.client.chat.completions.create({
    model: 'trivium',
    tools,
    messages: [
      ...messages,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: call.id, content: '{"temperature": "17°C", "status": "rain"}' },
    ],
  });

  expect(told.choices[0]?.message.content).toContain('17°C');
});

it('streams to two at once, taking turns token by token', async () => {
  const arrivals: number[] = [];
  const read = async (reader: number, content: string): Promise<string> => {
    const stream = await trivium.client.chat.completions.create({
      model: 'trivium',
      stream: true,
      messages: [{ role: 'user', content }],
    });
    let text = '';
    for await (const { choices } of stream) {
      const piece = choices[0]?.delta.content ?? '';
      if (piece !== '') arrivals.push(reader);
      text += piece;
    }
    return text;
  };
  const alone = [await read(0, '你能做什么'), await read(1, 'What can you do?')];
  arrivals.length = 0;
  const together = await Promise.all([read(0, '你能做什么'), read(1, 'What can you do?')]);

  expect(together).toEqual(alone);
  // Neither waits for the other to end: pieces of both arrive in turns.
  const turns = arrivals.filter((reader, index) => index > 0 && reader !== arrivals[index - 1]).length;
  expect(turns).toBeGreaterThan(5);
});
