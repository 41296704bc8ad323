import { DomainError, type PartOf, type RequestOf } from '@trivium/contracts';
import type { ContentPart } from '@trivium/contracts/content';
import { extractInvoice } from '@trivium/contracts/ocr-certification';
import { converse } from '@trivium/contracts/router';
import { appendTurn, type Item, loadHistory } from '@trivium/contracts/session';
import { generate } from '@trivium/contracts/text-inference';
import { readText } from '@trivium/contracts/vision-inference';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { type CallOptions, connectMessaging, type Messaging } from '@trivium/messaging';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { invoice, page } from '../src/rendering/invoice.fixture.js';
import {
  failing,
  Script,
  startReaders,
  startRouter,
  startSession,
  startTextInference,
  textOf,
  turn,
} from './house.js';

type Part = PartOf<typeof converse>;
type Request = RequestOf<typeof converse>;

const text = (value: string): ContentPart => ({ type: 'text', text: value });
const picture = (path = 'messages[0].content[0]', fileId?: string): ContentPart => ({
  type: 'image',
  detail: 'auto',
  image: { kind: 'inline', mediaType: 'image/png', bytes: new Uint8Array([1, 2, 3]) },
  path,
  ...(fileId === undefined ? {} : { fileId }),
});
const execution = {
  model: 'm',
  variant: 'fp32',
  placement: 'cpu' as const,
  queueMs: 0,
  computeMs: 1,
  batchSize: 1,
};
const item = (overrides: Partial<Item>): Item => ({
  id: 'item_1',
  sequence: 1,
  responseId: null,
  createdAt: 0,
  role: 'user',
  status: 'completed',
  parts: [],
  ...overrides,
});

let nats: NatsProcess;
let client: Messaging;
const script = new Script();
const services: AsyncDisposable[] = [];

beforeAll(async () => {
  nats = await startNats();
  services.push(
    await startTextInference(nats.url, script),
    await startReaders(nats.url, script),
    await startSession(nats.url, script),
    await startRouter(nats.url, { ROUTER_MAX_DOCUMENTS: '2' }),
  );
  client = await connectMessaging({ name: 'test-client', servers: nats.url });
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  for (const service of services.reverse()) await service[Symbol.asyncDispose]();
  await nats.stop();
});

beforeEach(() => {
  script.reset();
  script.extractInvoice = async () => ({
    invoice: invoice(),
    pages: [page('发票号码 12345678')],
    execution: [execution],
  });
  script.readText = async () => ({
    width: 10,
    height: 10,
    lines: page('海阔天空', 'OPEN 24 HOURS').lines,
    execution,
  });
  script.loadHistory = async () => ({ items: [], head: 0 });
  script.appendTurn = async (request) => ({
    head: 2,
    response: {
      id: request.responseId,
      createdAt: 0,
      status: request.status,
      model: request.model,
      conversationId: request.conversationId ?? null,
      previousResponseId: null,
      finishReason: request.finishReason,
      usage: request.usage,
      metadata: request.metadata,
      output: request.output.map((output, index) => item({ ...output, id: output.id ?? `item_${index}` })),
    },
  });
  noModel();
});

function noModel(): void {
  script.generate = failing(new DomainError('model_not_available', 'No language model is configured.'));
}

function modelSays(...pieces: string[]): void {
  script.generate = async function* () {
    yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
    for (const piece of pieces) yield { type: 'text-delta', text: piece };
    yield { type: 'generation-end', reason: 'stop', usage: { inputTokens: 7, outputTokens: 3 } };
  };
}

async function ask(request: Request, options: CallOptions = { tenant: 'acme' }): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of client.stream(converse, request, options)) parts.push(part);
  return parts;
}

const failure = async (work: Promise<unknown>): Promise<DomainError> => {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (!DomainError.is(error)) throw error;
  return error;
};

/** What the language model was given, one line a message. */
const prompt = (index = 0): string =>
  (script.requests(generate)[index] as RequestOf<typeof generate>).messages
    .map(
      ({ role, content }) =>
        `${role}: ${content.map((part) => (part.type === 'text' ? part.text : part.type)).join('|')}`,
    )
    .join('\n');

describe('chat', () => {
  it('streams what the model says', async () => {
    modelSays('你好', '。');

    const parts = await ask(turn('你好'));

    expect(parts).toEqual([
      { type: 'route-decided', pipeline: 'chat', rule: 'anything-else', reason: 'no earlier rule matched' },
      { type: 'text-delta', text: '你好' },
      { type: 'text-delta', text: '。' },
      {
        type: 'turn-end',
        reason: 'stop',
        usage: { inputTokens: 7, outputTokens: 3 },
        model: 'qwen',
        itemIds: [],
      },
    ]);
    expect(prompt()).toBe('user: 你好');
  });

  it('passes sampling, tools and tool calls through', async () => {
    script.generate = async function* () {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'tool-call-delta', index: 0, id: 'c', name: 'f', arguments: '{}' };
      yield { type: 'generation-end', reason: 'tool_calls', usage: { inputTokens: 1, outputTokens: 1 } };
    };

    const parts = await ask(
      turn('hi', { sampling: { temperature: 0.5 }, tools: [{ name: 'f' }], toolChoice: 'required' }),
    );

    expect(parts[1]).toEqual({ type: 'tool-call-delta', index: 0, id: 'c', name: 'f', arguments: '{}' });
    expect(parts.at(-1)).toMatchObject({ reason: 'tool_calls' });
    expect(script.requests(generate)[0]).toMatchObject({
      sampling: { temperature: 0.5 },
      tools: [{ name: 'f' }],
      toolChoice: 'required',
    });
  });

  it.each([
    ['讲个笑话', '尚未配置语言模型'],
    ['tell me a joke', 'No language model is configured'],
  ])('says in one sentence that there is no model: %s', async (question, sentence) => {
    const parts = await ask(turn(question));

    expect(textOf(parts)).toContain(sentence);
    expect(textOf(parts)).toContain('TEXT_UPSTREAM_URL');
    expect(parts.at(-1)).toMatchObject({ type: 'turn-end', reason: 'stop', model: 'trivium' });
  });

  it('does not pretend where an object or a tool was asked for', async () => {
    const error = await failure(ask(turn('hi', { responseFormat: { type: 'json_object' } })));

    expect(error.code).toBe('model_not_available');
  });

  it('knows which models exist before it does anything', async () => {
    script.listTextModels = async () => ({
      models: [{ id: 'qwen', task: 'generate', placement: 'remote', ownedBy: 'x', created: 0, ready: true }],
    });
    modelSays('hi');

    const error = await failure(ask(turn([picture(), text('总额？')], { model: 'gpt-9' })));
    const parts = await ask(turn('hi', { model: 'qwen' }));

    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(script.requests(extractInvoice)).toHaveLength(0);
    expect(parts.at(-1)).toMatchObject({ model: 'qwen' });
    expect(script.requests(generate)[0]).toMatchObject({ model: 'qwen' });
  });

  it('hands errors of the model on with all they say', async () => {
    script.generate = failing(new DomainError('rate_limit_exceeded', 'slow down', { retryAfterMs: 700 }));

    expect(await failure(ask(turn('hi')))).toMatchObject({ code: 'rate_limit_exceeded', retryAfterMs: 700 });
  });

  it('reports a model that breaks off, after what it said', async () => {
    script.generate = async function* () {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'half' };
      throw new DomainError('upstream_error', 'died');
    };
    const seen: Part[] = [];

    const error = await failure(
      (async () => {
        for await (const part of client.stream(converse, turn('hi'))) seen.push(part);
      })(),
    );

    expect(textOf(seen)).toBe('half');
    expect(error.code).toBe('upstream_error');
  });

  it('refuses audio, naming the part', async () => {
    const audio: ContentPart = {
      type: 'audio',
      audio: { kind: 'inline', mediaType: 'audio/wav', bytes: new Uint8Array() },
      path: 'messages[0].content[0].input_audio',
    };

    expect(await failure(ask(turn([audio])))).toMatchObject({
      code: 'unsupported_parameter',
      param: 'messages[0].content[0].input_audio',
    });
  });
});

describe('document', () => {
  it('answers the asked field first, then everything, and says that no model is configured', async () => {
    const parts = await ask(turn([text('这张发票多少钱？'), picture()]));

    const answer = textOf(parts);
    expect(parts[0]).toMatchObject({ pipeline: 'document', rule: 'document-question' });
    expect(answer.startsWith('**价税合计（小写）：¥1130.00**\n\n### 增值税电子普通发票\n')).toBe(true);
    for (const value of [
      '12345678',
      '2026-03-05',
      '上海示例科技有限公司',
      '北京样本商贸有限公司',
      '壹仟壹佰叁拾圆整',
    ]) {
      expect(answer).toContain(value);
    }
    expect(answer.match(/尚未配置语言模型/g)).toHaveLength(1);
    expect(parts.filter(({ type }) => type === 'text-delta').length).toBeGreaterThan(10);
  });

  it('renders by code first, then lets the model answer from the facts', async () => {
    modelSays('It is within your budget.');

    const parts = await ask(turn([text('Is the total within 2000?'), picture()]));

    expect(textOf(parts)).toMatch(/^\*\*Total .*¥1130\.00\*\*/);
    expect(textOf(parts)).toMatch(/\*\*Verdict: ✓ passed\*\*\n\nIt is within your budget\.$/);
    expect(parts.at(-1)).toMatchObject({ model: 'qwen', usage: { inputTokens: 7, outputTokens: 3 } });
    expect(prompt()).toContain('total: 1130.00 (confidence 0.98)');
    expect(prompt()).toContain('Do not retype or summarise that table');
    expect(prompt()).not.toContain('|image');
  });

  it('asks no model about a document without a question', async () => {
    modelSays('never');

    const parts = await ask(turn([picture()]));

    expect(parts[0]).toMatchObject({ rule: 'bare-document' });
    expect(textOf(parts)).not.toContain('never');
    expect(parts.at(-1)).toMatchObject({ model: 'trivium' });
  });

  it('ends normally with what is known when the model fails', async () => {
    script.generate = failing(new DomainError('unavailable', 'down', { retryAfterMs: 1 }));

    const parts = await ask(turn([text('what is the total?'), picture()]));

    expect(textOf(parts)).toMatch(/\*\*Verdict.*\n\nThe language model cannot answer right now[^\n]*$/);
    expect(parts.at(-1)).toMatchObject({ type: 'turn-end', reason: 'stop', model: 'trivium' });
  });

  it('says so when the model breaks off in the middle', async () => {
    script.generate = async function* () {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'Half of' };
      throw new DomainError('upstream_error', 'died');
    };

    const parts = await ask(turn([text('what is the total?'), picture()]));

    expect(textOf(parts)).toMatch(/Half of\n\n\(The language model broke off here[^\n]*$/);
    expect(parts.at(-1)?.type).toBe('turn-end');
  });

  it('quotes the text of what is not an invoice', async () => {
    script.extractInvoice = async () => ({ invoice: null, pages: [page('收据', '100 元')], execution: [] });

    const parts = await ask(turn([text('这张收据的总额是多少'), picture()]));

    expect(textOf(parts)).toContain('**图片中的文字**\n\n> 收据  \n> 100 元');
  });

  it('hands errors on that name the part', async () => {
    script.extractInvoice = async ({ path }) => {
      throw new DomainError('unsupported_media', 'This is not a picture.', { param: path });
    };

    expect(
      await failure(ask(turn([text('总额？'), picture('messages[0].content[1].image_url')]))),
    ).toMatchObject({
      code: 'unsupported_media',
      param: 'messages[0].content[1].image_url',
    });
  });

  it('takes no more documents than it may, naming the first too many', async () => {
    const content = ['a', 'b', 'c'].map((path) => picture(path));

    expect(await failure(ask(turn(content)))).toMatchObject({ code: 'invalid_request', param: 'c' });
  });

  it('answers a later question of a caller who keeps the conversation', async () => {
    const messages = [
      { role: 'user' as const, content: [text('这张发票多少钱？'), picture()] },
      { role: 'assistant' as const, content: [text('1130')] },
      { role: 'user' as const, content: [text('开票日期呢？')] },
    ];

    const parts = await ask(turn('', { messages }));

    expect(parts[0]).toMatchObject({ pipeline: 'document', rule: 'question-about-an-earlier-invoice' });
    expect(textOf(parts)).toMatch(/^\*\*开票日期：2026-03-05\*\*\n\n尚未配置语言模型/);
  });

  it('goes on without an old picture that cannot be read any more', async () => {
    script.extractInvoice = async () => {
      throw new DomainError('unavailable', 'down');
    };
    modelSays('Hello again.');
    const messages = [
      { role: 'user' as const, content: [picture()] },
      { role: 'assistant' as const, content: [text('a picture')] },
      { role: 'user' as const, content: [text('hello')] },
    ];

    expect(textOf(await ask(turn('', { messages })))).toBe('Hello again.');
    expect(prompt()).toContain('[image that was not read]');
  });

  it('gives an object to who asked for one: nothing is written around it', async () => {
    modelSays('{"total":1130}');

    const parts = await ask(turn([text('total?'), picture()], { responseFormat: { type: 'json_object' } }));

    expect(textOf(parts)).toBe('{"total":1130}');
  });
});

describe('image-text', () => {
  it('shows the words of a picture when there is no model', async () => {
    const parts = await ask(turn([text('这是哪里？'), picture()]));

    expect(parts[0]).toMatchObject({ pipeline: 'image-text' });
    expect(textOf(parts)).toMatch(
      /^\*\*图片中的文字\*\*\n\n> 海阔天空 {2}\n> OPEN 24 HOURS\n\n尚未配置语言模型/,
    );
  });

  it('reads an invoice as one, though the question does not say so', async () => {
    script.readText = async () => ({
      width: 1,
      height: 1,
      lines: page('电子发票', '税额 ￥130.00').lines,
      execution,
    });

    const known = textOf(await ask(turn([text('这是什么？'), picture()])));
    script.extractInvoice = async () => {
      throw new DomainError('unavailable', 'down');
    };
    const plain = textOf(await ask(turn([text('这是什么？'), picture()])));

    expect(known).toContain('| 价税合计（小写） | ¥1130.00 |');
    expect(plain).toContain('> 税额 ￥130.00');
  });

  it('shows the picture to a model that can look, together with what was read', async () => {
    modelSays('A shop.');

    const parts = await ask(turn([text('Where is this?'), picture()]));

    expect(textOf(parts)).toBe('A shop.');
    expect(prompt()).toContain('user: Where is this?|image|<document id="1" name="picture"');
    expect(script.requests(readText)).toHaveLength(1);
  });

  it('asks a model that cannot look again, with the words alone', async () => {
    script.generate = async function* ({ messages }) {
      if (messages.some(({ content }) => content.some(({ type }) => type === 'image'))) {
        throw new DomainError('unsupported_parameter', 'no pictures', { param: 'messages[0].content[0]' });
      }
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'It says OPEN.' };
      yield { type: 'generation-end', reason: 'stop', usage: { inputTokens: 1, outputTokens: 1 } };
    };

    expect(textOf(await ask(turn([text('Where is this?'), picture()])))).toBe('It says OPEN.');
    expect(script.requests(generate)).toHaveLength(2);
  });

  it('renders the words by code when they are what was asked for', async () => {
    modelSays('A sign of a shop.');

    const answer = textOf(await ask(turn([text('What does it say?'), picture()])));

    expect(answer).toBe('**Text in the picture**\n\n> 海阔天空  \n> OPEN 24 HOURS\n\nA sign of a shop.');
  });
});

describe('state', () => {
  const state = { responseId: 'resp_1', conversationId: 'conv_1', outputItemId: 'msg_1' };

  it('loads history, stores the turn before its end, with what was read', async () => {
    script.loadHistory = async () => ({
      items: [item({ parts: [{ type: 'text', text: '早上好' }] })],
      head: 1,
    });

    const parts = await ask(
      turn([text('发票总额？'), picture('p', 'file_1')], {
        state: { ...state, metadata: { topic: 'tax' } },
        instructions: 'Be brief.',
      }),
    );

    expect(parts.at(-1)).toMatchObject({ type: 'turn-end', itemIds: ['msg_1'] });
    const [stored] = script.requests(appendTurn) as RequestOf<typeof appendTurn>[];
    expect(stored).toMatchObject({
      responseId: 'resp_1',
      conversationId: 'conv_1',
      status: 'completed',
      model: 'trivium',
      finishReason: 'stop',
      metadata: { topic: 'tax' },
      input: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: '发票总额？' },
            { type: 'image', fileId: 'file_1' },
          ],
          artifacts: [
            { kind: 'invoice', fileId: 'file_1', data: { verdict: 'PASS' } },
            { kind: 'document-text', fileId: 'file_1' },
          ],
        },
      ],
      output: [
        {
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          parts: [{ type: 'text', text: textOf(parts) }],
        },
      ],
    });
    expect(JSON.stringify(stored)).not.toContain('Be brief');
    expect(prompt()).toMatch(/^system: [^]*Be brief\.\nuser: 早上好\n/);
  });

  it('answers from an invoice of an earlier turn, without its picture', async () => {
    script.loadHistory = async () => ({
      items: [
        item({
          parts: [{ type: 'image', fileId: 'file_1' }],
          artifacts: [{ kind: 'invoice', fileId: 'file_1', data: invoice() }],
        }),
      ],
      head: 2,
    });

    const parts = await ask(turn('销售方是谁？', { state }));

    expect(textOf(parts)).toMatch(/^\*\*销售方名称：北京样本商贸有限公司\*\*/);
    expect(script.requests(extractInvoice)).toHaveLength(0);
  });

  it('does no work for a conversation that does not exist', async () => {
    script.loadHistory = async () => {
      throw new DomainError('not_found', 'No such conversation.', { param: 'conversation' });
    };

    expect(await failure(ask(turn([picture()], { state })))).toMatchObject({
      code: 'not_found',
      param: 'conversation',
    });
    expect(script.requests(extractInvoice)).toHaveLength(0);
    expect(script.requests(appendTurn)).toHaveLength(0);
  });

  it('goes on from a response', async () => {
    modelSays('yes');

    await ask(turn('and?', { state: { responseId: 'resp_2', previousResponseId: 'resp_1' } }));

    expect(script.requests(loadHistory)).toEqual([{ previousResponseId: 'resp_1', limit: 50 }]);
    expect(script.requests(appendTurn)[0]).toMatchObject({ previousResponseId: 'resp_1' });
  });

  it('asks nobody about a new response', async () => {
    modelSays('yes');

    await ask(turn('hi', { state: { responseId: 'resp_3' } }));

    expect(script.requests(loadHistory)).toHaveLength(0);
    expect(script.requests(appendTurn)).toHaveLength(1);
  });

  it('keeps what was said when the caller leaves, and stops the model', async () => {
    const modelStopped = Promise.withResolvers<void>();
    const stored = Promise.withResolvers<RequestOf<typeof appendTurn>>();
    script.generate = async function* (_, context) {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'once upon' };
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      modelStopped.resolve();
    };
    const answer = script.appendTurn;
    script.appendTurn = (request, context) => {
      stored.resolve(request);
      return answer(request, context);
    };

    for await (const part of client.stream(converse, turn('a story', { state }))) {
      if (part.type === 'text-delta') break;
    }
    const leftAt = performance.now();
    await modelStopped.promise;

    expect(performance.now() - leftAt).toBeLessThan(1_000);
    expect(await stored.promise).toMatchObject({
      status: 'incomplete',
      finishReason: null,
      output: [{ status: 'incomplete', parts: [{ type: 'text', text: 'once upon' }] }],
    });
  });

  it('keeps what was said when the deadline passes', async () => {
    const stored = Promise.withResolvers<RequestOf<typeof appendTurn>>();
    script.generate = async function* (_, context) {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'once upon' };
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
    };
    const answer = script.appendTurn;
    script.appendTurn = (request, context) => {
      stored.resolve(request);
      return answer(request, context);
    };

    const error = await failure(ask(turn('a story', { state }), { tenant: 'acme', deadline: 400 }));

    expect(error.code).toBe('deadline_exceeded');
    expect(await stored.promise).toMatchObject({ status: 'incomplete' });
  });

  it('keeps what was said when the model breaks off, as failed', async () => {
    script.generate = async function* () {
      yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
      yield { type: 'text-delta', text: 'half' };
      throw new DomainError('upstream_error', 'died');
    };

    await failure(ask(turn('hi', { state })));

    await expect.poll(() => script.requests(appendTurn)).toMatchObject([{ status: 'failed' }]);
  });

  it('stores nothing when nothing was said', async () => {
    script.generate = failing(new DomainError('rate_limit_exceeded', 'slow down'));

    await failure(ask(turn('hi', { state })));
    modelSays('hi');
    await ask(turn('hi', { state: { responseId: 'resp_9' } }));

    expect(script.requests(appendTurn)).toMatchObject([{ responseId: 'resp_9' }]);
  });

  it('says so when the turn cannot be stored', async () => {
    modelSays('hi');
    script.appendTurn = async () => {
      throw new DomainError('unavailable', 'The database is away.', { retryAfterMs: 500 });
    };

    expect(await failure(ask(turn('hi', { state })))).toMatchObject({
      code: 'unavailable',
      retryAfterMs: 500,
    });
    expect(script.requests(appendTurn)).toHaveLength(1);
  });
});

describe('when services are down', () => {
  it('chats without the session, reads documents without a model, and says what is missing', async () => {
    await using stack = new AsyncDisposableStack();
    const own = await startNats();
    stack.defer(() => own.stop());
    stack.use(await startRouter(own.url));
    const caller = stack.use(await connectMessaging({ name: 'test-client', servers: own.url }));
    const alone = async (request: Request): Promise<Part[]> => {
      const parts: Part[] = [];
      for await (const part of caller.stream(converse, request, {})) parts.push(part);
      return parts;
    };

    const chat = await failure(alone(turn('hi')));
    const read = await failure(alone(turn([picture(), text('总额')])));
    const stored = await failure(alone(turn('hi', { state: { responseId: 'r', conversationId: 'c' } })));
    const explicit = await failure(alone(turn('hi', { model: 'qwen' })));
    stack.use(await startReaders(own.url, script));
    const withoutModel = textOf(await alone(turn([picture(), text('总额')])));
    stack.use(await startTextInference(own.url, script));
    modelSays('hello');
    const withoutSession = textOf(await alone(turn('hi')));

    for (const error of [chat, read, stored, explicit]) {
      expect(error).toMatchObject({ code: 'unavailable', retryable: true });
      expect(error.retryAfterMs).toBeGreaterThan(0);
    }
    expect(withoutModel).toMatch(/¥1130\.00[^]*语言模型暂时无法回答/);
    expect(withoutSession).toBe('hello');
  });
});
