import type { ToolCall } from '@trivium/contracts/content';
import type { TokenLogprob } from '@trivium/contracts/generate';
import type { SpokenPart } from './converse.js';
import type { ChoicePart } from './side-by-side.js';

type TurnEnd = Extract<SpokenPart, { type: 'turn-end' }>;
type TextDelta = Extract<SpokenPart, { type: 'text-delta' }>;
type CallDelta = Extract<SpokenPart, { type: 'tool-call-delta' }>;

/** A whole turn out of its parts. */
export class CollectedTurn {
  #text: string[] = [];
  readonly #logprobs: TokenLogprob[] = [];
  readonly #calls: { id: string; name: string; arguments: string }[] = [];
  #end: TurnEnd | undefined;

  static async from(parts: AsyncIterable<SpokenPart>): Promise<CollectedTurn> {
    const turn = new CollectedTurn();
    for await (const part of parts) turn.add(part);
    return turn;
  }

  /** Several turns whose parts come mixed. */
  static async ofChoices(parts: AsyncIterable<ChoicePart>, count: number): Promise<CollectedTurn[]> {
    const turns = Array.from({ length: count }, () => new CollectedTurn());
    for await (const { choice, part } of parts) turns[choice]?.add(part);
    return turns;
  }

  add(part: SpokenPart): void {
    if (part.type === 'text-delta') this.#addText(part);
    else if (part.type === 'tool-call-delta') this.#addCall(part);
    else if (part.type === 'turn-end') this.#end = part;
  }

  get text(): string {
    return this.#text.join('');
  }

  /** Of the tokens that a language model drew, when they were asked for. */
  get logprobs(): readonly TokenLogprob[] {
    return this.#logprobs;
  }

  get toolCalls(): readonly ToolCall[] {
    return this.#calls;
  }

  get end(): TurnEnd {
    if (this.#end === undefined) throw new Error('A turn is complete when its last part was added.');
    return this.#end;
  }

  #addText({ text, logprobs }: TextDelta): void {
    this.#text.push(text);
    if (logprobs !== undefined) this.#logprobs.push(...logprobs);
  }

  #addCall(delta: CallDelta): void {
    const call = (this.#calls[delta.index] ??= { id: '', name: '', arguments: '' });
    if (delta.id !== undefined) call.id = delta.id;
    call.name += delta.name ?? '';
    call.arguments += delta.arguments ?? '';
  }
}
