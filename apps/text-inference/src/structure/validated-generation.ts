import { DomainError } from '@trivium/contracts';
import type { FinishReason, Message, Usage } from '@trivium/contracts/content';
import type { GenerateRequest } from '@trivium/contracts/generate';
import type {
  GenerationCaller,
  OpenedGeneration,
  RawPart,
  TextPlacementV1,
} from '../catalogue/text-model.js';
import { asksForJson, faultIn, mended, type Output, type ToolCall } from './check-output.js';
import { CALL_BEGIN, CALL_END } from './tool-call-marks.js';

/** Of an answer that has to be seen whole before it is right, in UTF-16 units. */
const MOST_CHARACTERS = 1024 * 1024;

type End = Extract<RawPart, { type: 'end' }>;
type Call = GenerationCaller & { readonly signal: AbortSignal };
type Placement = Pick<TextPlacementV1, 'doOpen' | 'enforcesStructure'>;

/**
 * The parts of a generation whose answer is what the request asks for. Where the placement enforces the form
 * they pass at once; otherwise what has to be checked is held until it is: JSON, calls, and everything where a
 * call is required. A faulty answer that was held is mended, or asked for once more from the same placement,
 * with what is wrong. Throws `invalid_output` where that does not help; of attempts the usage is summed.
 */
export async function* validatedParts(
  request: GenerateRequest,
  placement: Placement,
  opened: OpenedGeneration,
  call: Call,
): AsyncGenerator<RawPart, void, undefined> {
  const first = new Attempt(request, placement.enforcesStructure);
  yield* first.read(opened);
  const fault = first.fault();
  if (fault === undefined) return yield* first.parts();
  if (first.end.reason === 'length' || first.end.reason === 'content_filter' || !first.repairable) {
    throw invalidOutput(fault, first.end.reason);
  }
  const second = new Attempt(request, false, { silent: true });
  const again = await reopened(correction(request, first.output(), fault), placement, call, fault);
  try {
    for await (const _ of second.read(again)) throw new Error('a second attempt passes nothing on');
  } finally {
    await again.rest.return();
  }
  const remaining = second.fault();
  if (remaining !== undefined) throw invalidOutput(remaining, second.end.reason);
  yield* second.parts({ textSaid: first.passedText, usage: first.end.usage });
}

/** One answer: what of it passed, and what is held. */
class Attempt {
  #held: RawPart[] = [];
  #text = '';
  #calls = new Map<number, { id: string | undefined; name: string; arguments: string }>();
  #end: End | undefined;
  #size = 0;
  passedText = false;
  /** Nothing that would have to be taken back has passed. */
  repairable = true;
  readonly #holdsText: boolean;

  constructor(
    private readonly request: GenerateRequest,
    private readonly passing: boolean,
    { silent = false }: { readonly silent?: boolean } = {},
  ) {
    const { tools = [], toolChoice = 'auto' } = request;
    const mustCall = tools.length > 0 && toolChoice !== 'auto' && toolChoice !== 'none';
    this.#holdsText = silent || (!passing && (asksForJson(request) || mustCall));
  }

  get end(): End {
    if (this.#end === undefined) throw new DomainError('upstream_error', 'The answer has no end.');
    return this.#end;
  }

  async *read({ first, rest }: OpenedGeneration): AsyncGenerator<RawPart, void, undefined> {
    yield* this.#take(first);
    for await (const part of rest) yield* this.#take(part);
  }

  *#take(part: RawPart): Generator<RawPart, void, undefined> {
    if (part.type === 'end') {
      this.#end = part;
      return;
    }
    this.#remember(part);
    if (part.type === 'text' ? this.#holdsText : !this.passing) {
      this.#held.push(part);
      return;
    }
    if (part.type === 'text') this.passedText ||= part.text !== '';
    if (this.passing || part.type !== 'text') this.repairable = false;
    yield part;
  }

  #remember(part: Exclude<RawPart, End>): void {
    const text = part.type === 'text' ? part.text : (part.arguments ?? '') + (part.name ?? '');
    this.#size += text.length;
    if (this.#size > MOST_CHARACTERS) {
      // text that need not be JSON has passed; what is remembered of it only serves to find a malformed call
      if (part.type === 'text' && !this.#holdsText && !asksForJson(this.request)) return;
      throw tooLong();
    }
    if (part.type === 'text') {
      this.#text += part.text;
      return;
    }
    const call = this.#calls.get(part.index) ?? { id: undefined, name: '', arguments: '' };
    this.#calls.set(part.index, {
      id: call.id ?? part.id,
      name: call.name + (part.name ?? ''),
      arguments: call.arguments + (part.arguments ?? ''),
    });
  }

  output(): Output {
    return { text: this.#text, calls: [...this.#calls.values()] };
  }

  /** What is wrong with the finished answer, after it was mended where nothing of it has passed. */
  fault(): string | undefined {
    const output = this.output();
    const fault = faultIn(output, this.request);
    if (fault === undefined || !this.repairable || this.end.reason === 'length') return fault;
    const better = mended(output, this.request);
    if (better === output || faultIn(better, this.request) !== undefined) return fault;
    this.#held = [
      ...(this.#holdsText && better.text !== '' ? [{ type: 'text', text: better.text } as const] : []),
      ...better.calls.map(callPart),
    ];
    return undefined;
  }

  /** What is held, and the end. A second attempt says no text after the first has said some, where a call was meant. */
  *parts(before?: {
    readonly textSaid: boolean;
    readonly usage: Usage;
  }): Generator<RawPart, void, undefined> {
    const calls = this.#calls.size > 0;
    for (const part of this.#held) {
      if (part.type === 'text' && before?.textSaid === true && calls) continue;
      yield part;
    }
    const { usage } = this.end;
    yield { ...this.end, usage: before === undefined ? usage : sum(before.usage, usage) };
  }
}

function callPart(call: ToolCall, index: number): RawPart {
  return {
    type: 'tool-call-delta',
    index,
    ...(call.id === undefined ? {} : { id: call.id }),
    name: call.name,
    arguments: call.arguments,
  };
}

function tooLong(): DomainError {
  const message = `The answer is longer than ${MOST_CHARACTERS} characters, which is too long to be checked.`;
  return new DomainError('invalid_output', message, { retryable: false });
}

function sum(left: Usage, right: Usage): Usage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
  };
}

async function reopened(
  request: GenerateRequest,
  placement: Placement,
  call: Call,
  fault: string,
): Promise<OpenedGeneration> {
  try {
    return await placement.doOpen(request, call.signal, call);
  } catch (error) {
    // the first answer fitted; only the correction does not
    if (DomainError.is(error) && error.code === 'context_length_exceeded') throw invalidOutput(fault, 'stop');
    throw error;
  }
}

/** The same request, with the faulty answer and what is wrong with it. Calls are told as text: they have no results. */
function correction(request: GenerateRequest, { text, calls }: Output, fault: string): GenerateRequest {
  const said = [text, ...calls.map((call) => `${CALL_BEGIN}${call.name} ${call.arguments}${CALL_END}`)]
    .filter((piece) => piece !== '')
    .join('\n');
  const asked =
    calls.length > 0 || !asksForJson(request)
      ? 'Make the tool call again, correctly.'
      : 'Answer again, with the corrected JSON alone.';
  const messages: Message[] = [
    ...request.messages,
    ...(said === ''
      ? []
      : [{ role: 'assistant' as const, content: [{ type: 'text' as const, text: said }] }]),
    { role: 'user', content: [{ type: 'text', text: `Your answer is not valid: ${fault}. ${asked}` }] },
  ];
  return { ...request, messages };
}

function invalidOutput(fault: string, reason: FinishReason): DomainError {
  if (reason === 'length') {
    const message = `The answer reached the most tokens that it may have before it was complete: ${fault}.`;
    return new DomainError('invalid_output', message, { retryable: false });
  }
  const filtered =
    reason === 'content_filter'
      ? 'A content filter ended the answer before it was complete'
      : 'The model did not answer in the form that was asked for';
  return new DomainError('invalid_output', `${filtered}: ${fault}.`);
}
