import type { FinishReason, Usage } from '@trivium/contracts/content';
import type { GenerateRequest, TokenLogprob } from '@trivium/contracts/generate';
import type { CallContext } from '@trivium/messaging';

type Priority = CallContext['priority'];

/** What a placement produces; text comes in whatever pieces the model makes. */
export type RawPart =
  | {
      readonly type: 'text';
      readonly text: string;
      /** Of the tokens that this piece completes, when `sampling.topLogprobs` asks for them. */
      readonly logprobs?: readonly TokenLogprob[];
    }
  | {
      readonly type: 'tool-call-delta';
      readonly index: number;
      readonly id?: string;
      readonly name?: string;
      readonly arguments?: string;
    }
  | { readonly type: 'end'; readonly reason: FinishReason; readonly usage: Usage };

/** A generation whose first part has arrived. `rest.return()` frees the upstream at any point. */
export interface OpenedGeneration {
  readonly first: RawPart;
  readonly rest: AsyncGenerator<RawPart, void, undefined>;
}

/** For whom a generation is, and until when. */
export interface GenerationCaller {
  readonly tenant: string;
  readonly priority: Priority;
  /** Milliseconds until the deadline. */
  remaining(): number;
}

/** One place where a model runs. It states its own limits; the core asks instead of being configured twice. */
export interface TextPlacementV1 extends AsyncDisposable {
  readonly specification: 'text-placement/v1';
  readonly name: string;
  /** Tokens of prompt and answer together; undefined: not known. */
  readonly contextWindow: number | undefined;

  /**
   * Whether what it generates has the form that the request asks for by construction (`response_format`,
   * tool calls), so that parts can pass before the whole is known. Otherwise answers are checked first.
   */
  readonly enforcesStructure: boolean;

  /** False while its breaker is open. */
  isReady(): boolean;

  /** Settles with the first part, so that another placement can still take over until then. */
  doOpen(request: GenerateRequest, signal: AbortSignal, caller: GenerationCaller): Promise<OpenedGeneration>;
}

export interface TextModel {
  readonly id: string;
  readonly ownedBy: string;
  readonly description?: string;
  /** Where its first placement runs; absent: remote. */
  readonly placement?: 'cpu' | 'remote';
  readonly placements: readonly TextPlacementV1[];
}
