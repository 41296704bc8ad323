import { DomainError, type PartOf, type RequestOf } from '@trivium/contracts';
import type { ContentPart } from '@trivium/contracts/content';
import { converse } from '@trivium/contracts/router';
import type { Item } from '@trivium/contracts/session';
import { generate } from '@trivium/contracts/text-inference';
import { startNats } from '@trivium/local-servers';
import { type CallOptions, connectMessaging, type Messaging } from '@trivium/messaging';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { invoice, page } from '../src/rendering/invoice.fixture.js';
import {
  failing,
  type Producer,
  Script,
  startReaders,
  startRouter,
  startSession,
  startTextInference,
} from './house.js';

export type Part = PartOf<typeof converse>;
export type Request = RequestOf<typeof converse>;

export const text = (value: string): ContentPart => ({ type: 'text', text: value });

export const picture = (path = 'messages[0].content[0]', fileId?: string): ContentPart => ({
  type: 'image',
  detail: 'auto',
  image: { kind: 'inline', mediaType: 'image/png', bytes: new Uint8Array([1, 2, 3]) },
  path,
  ...(fileId === undefined ? {} : { fileId }),
});

export const execution = {
  model: 'm',
  variant: 'fp32',
  placement: 'cpu' as const,
  queueMs: 0,
  computeMs: 1,
  batchSize: 1,
};

export const item = (overrides: Partial<Item>): Item => ({
  id: 'item_1',
  sequence: 1,
  responseId: null,
  createdAt: 0,
  role: 'user',
  status: 'completed',
  parts: [],
  ...overrides,
});

export async function allOf(stream: AsyncIterable<Part>): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

/** A language model that says these pieces and ends. */
export const saying = (...pieces: string[]): Producer =>
  async function* () {
    yield { type: 'generation-start', model: 'qwen', placement: 'remote-1' };
    for (const piece of pieces) yield { type: 'text-delta', text: piece };
    yield { type: 'generation-end', reason: 'stop', usage: { inputTokens: 7, outputTokens: 3 } };
  };

export const failure = async (work: Promise<unknown>): Promise<DomainError> => {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (!DomainError.is(error)) throw error;
  return error;
};

/** Every picture is an invoice, history is empty, turns are stored, and there is no language model. */
export function setTheScene(script: Script): void {
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
  script.generate = failing(new DomainError('model_not_available', 'No language model is configured.'));
}

export interface Dialogue {
  readonly script: Script;
  stream(request: Request, options?: CallOptions): AsyncIterable<Part>;
  ask(request: Request, options?: CallOptions): Promise<Part[]>;
  modelSays(...pieces: string[]): void;
  /** What the language model was given, one line a message. */
  prompt(index?: number): string;
}

/** A router with its neighbours, started before the tests of a file; each test finds the scene set anew. */
export function dialogueWithRouter(): Dialogue {
  const script = new Script();
  const stack = new AsyncDisposableStack();
  let client: Messaging;

  beforeAll(async () => {
    const nats = await startNats();
    stack.defer(() => nats.stop());
    stack.use(await startTextInference(nats.url, script));
    stack.use(await startReaders(nats.url, script));
    stack.use(await startSession(nats.url, script));
    stack.use(await startRouter(nats.url, { ROUTER_MAX_DOCUMENTS: '2' }));
    client = stack.use(await connectMessaging({ name: 'test-client', servers: nats.url }));
  });
  afterAll(() => stack.disposeAsync());
  beforeEach(() => setTheScene(script));

  const stream = (request: Request, options?: CallOptions): AsyncIterable<Part> =>
    client.stream(converse, request, options);
  return {
    script,
    stream,
    ask: (request, options = { tenant: 'acme' }) => allOf(stream(request, options)),
    modelSays: (...pieces) => {
      script.generate = saying(...pieces);
    },
    prompt: (index = 0) =>
      (script.requests(generate)[index] as RequestOf<typeof generate>).messages
        .map(
          ({ role, content }) =>
            `${role}: ${content.map((part) => (part.type === 'text' ? part.text : part.type)).join('|')}`,
        )
        .join('\n'),
  };
}
