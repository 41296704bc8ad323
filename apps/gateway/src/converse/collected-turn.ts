import type { ToolCall } from '@trivium/contracts/content';
import type { ConversePart } from '@trivium/contracts/router';

type TurnEnd = Extract<ConversePart, { type: 'turn-end' }>;
type CallDelta = Extract<ConversePart, { type: 'tool-call-delta' }>;

/** A whole turn out of its parts. */
export class CollectedTurn {
  #text: string[] = [];
  readonly #calls: { id: string; name: string; arguments: string }[] = [];
  #end: TurnEnd | undefined;

  static async from(parts: AsyncIterable<ConversePart>): Promise<CollectedTurn> {
    const turn = new CollectedTurn();
    for await (const part of parts) turn.add(part);
    return turn;
  }

  add(part: ConversePart): void {
    if (part.type === 'text-delta') this.#text.push(part.text);
    else if (part.type === 'tool-call-delta') this.#addCall(part);
    else if (part.type === 'turn-end') this.#end = part;
  }

  get text(): string {
    return this.#text.join('');
  }

  get toolCalls(): readonly ToolCall[] {
    return this.#calls;
  }

  get end(): TurnEnd {
    if (this.#end === undefined) throw new Error('A turn is complete when its last part was added.');
    return this.#end;
  }

  #addCall(delta: CallDelta): void {
    const call = (this.#calls[delta.index] ??= { id: '', name: '', arguments: '' });
    if (delta.id !== undefined) call.id = delta.id;
    call.name += delta.name ?? '';
    call.arguments += delta.arguments ?? '';
  }
}
