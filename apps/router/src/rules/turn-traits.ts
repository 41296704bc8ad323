import type { ContentPart, Message } from '@trivium/contracts/content';
import type { Artifact } from '@trivium/contracts/session';

/** The intent that has the example which is most like the question, however little that is. */
export interface NearestIntent {
  readonly name: string;
  /** Cosine, -1 to 1. */
  readonly score: number;
  readonly example: string;
}

/** What rules look at. */
export interface TurnTraits {
  readonly parts: ReadonlySet<ContentPart['type']>;
  readonly mediaTypes: readonly string[];
  /** The text of the turn, without what came before it. */
  readonly question: string;
  readonly artifacts: ReadonlySet<Artifact['kind']>;
  /** Nearest to the question; absent: nobody asked, or nobody could tell. */
  readonly intent?: NearestIntent | undefined;
  readonly tenant: string;
  readonly model: string;
}

/** The messages since the assistant last spoke: what is asked now. The result of a tool asks nothing. */
export function currentMessages(messages: readonly Message[]): readonly Message[] {
  const last = messages.findLastIndex(({ role }) => role === 'assistant' || role === 'tool');
  return messages.slice(last + 1).filter(({ role }) => role === 'user');
}

function questionOf(messages: readonly Message[]): string {
  return messages
    .flatMap(({ content }) => content)
    .flatMap((part) => (part.type === 'text' ? [part.text.trim()] : []))
    .filter((text) => text !== '')
    .join('\n');
}

export function traitsOf(turn: {
  readonly messages: readonly Message[];
  readonly artifacts: readonly Artifact[];
  readonly tenant: string;
  readonly model: string;
}): TurnTraits {
  const current = currentMessages(turn.messages);
  const parts = current.flatMap(({ content }) => content);
  return {
    parts: new Set(parts.map(({ type }) => type)),
    mediaTypes: parts.flatMap((part) => {
      if (part.type === 'image') return [part.image.mediaType];
      if (part.type === 'file') return [part.file.mediaType];
      return part.type === 'audio' ? [part.audio.mediaType] : [];
    }),
    question: questionOf(current),
    artifacts: new Set(turn.artifacts.map(({ kind }) => kind)),
    tenant: turn.tenant,
    model: turn.model,
  };
}
