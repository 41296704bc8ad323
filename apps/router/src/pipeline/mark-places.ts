import { DomainError } from '@trivium/contracts';
import type { Binary, ContentPart } from '@trivium/contracts/content';
import { markDocument } from '@trivium/contracts/ocr-certification';
import { readFile } from '@trivium/contracts/session';
import type { CallContext, Messaging } from '@trivium/messaging';
import { documentSkipped } from '../events.js';
import type { DocumentFacts } from '../fusion/document-facts.js';
import type { Place } from '../rendering/places.js';
import { isOver } from '../turn/call-end.js';

/** Has the places outlined on the page that they were read from. */
export class MarkPlaces {
  constructor(private readonly messaging: Messaging) {}

  /** The marked page; undefined where the document is not at hand any more. */
  async execute(
    { places, document }: { readonly places: readonly Place[]; readonly document: DocumentFacts },
    facts: ReadonlyMap<ContentPart, DocumentFacts>,
    context: CallContext,
  ): Promise<Binary | undefined> {
    const page = places[0]?.page;
    if (page === undefined) return undefined;
    try {
      const content = await this.#contentOf(document, facts, context);
      if (content === undefined) return undefined;
      const request = { document: content, page, places: places.map(({ quadrilateral }) => quadrilateral) };
      const options = { context, deadline: context.remaining() };
      return (await this.messaging.call(markDocument, request, options)).picture;
    } catch (error) {
      if (!DomainError.is(error) || isOver(context)) throw error;
      documentSkipped({ code: error.code, requestId: context.requestId });
      return undefined;
    }
  }

  /** As this request brought it, or as an earlier turn stored it. */
  async #contentOf(
    document: DocumentFacts,
    facts: ReadonlyMap<ContentPart, DocumentFacts>,
    context: CallContext,
  ): Promise<Binary | undefined> {
    for (const [part, known] of facts) {
      if (known !== document) continue;
      if (part.type === 'image') return part.image;
      if (part.type === 'file') return part.file;
    }
    const { fileId } = document;
    if (fileId === null) return undefined;
    return (await this.messaging.call(readFile, { fileId }, { context })).content;
  }
}
