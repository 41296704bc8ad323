import { DomainError, type RequestOf } from '@trivium/contracts';
import type { ContentPart, Message } from '@trivium/contracts/content';
import { type DocumentPage, extractInvoice, readDocument } from '@trivium/contracts/ocr-certification';
import { readText } from '@trivium/contracts/vision-inference';
import type { CallContext, Messaging } from '@trivium/messaging';
import { documentSkipped } from '../events.js';
import type { DocumentFacts } from '../fusion/document-facts.js';
import type { Pipeline } from '../rules/rules-file.js';
import { currentMessages } from '../rules/turn-traits.js';
import { isOver } from '../turn/call-end.js';

export type DocumentPart = Extract<ContentPart, { type: 'image' | 'file' }>;
type Facts = ReadonlyMap<ContentPart, DocumentFacts>;
type Reading = Pick<DocumentFacts, 'invoice' | 'pages'>;

/** Printed on every invoice, whatever else is. */
const LOOKS_LIKE_INVOICE = [/发\s*票/u, /价税合计|税额|纳税人识别号/u];

/** Has the pictures and files of a turn read by the services that can. */
export class GatherFacts {
  constructor(
    private readonly messaging: Messaging,
    private readonly maxDocuments: number,
  ) {}

  /** What this turn brings. A part that cannot be read fails the turn, naming the part. */
  async ofTurn(messages: readonly Message[], pipeline: Pipeline, context: CallContext): Promise<Facts> {
    const parts = documentsIn(currentMessages(messages));
    const excess = parts[this.maxDocuments];
    if (excess !== undefined) {
      throw new DomainError(
        'invalid_request',
        `One message may hold at most ${this.maxDocuments} pictures and files.`,
        {
          param: excess.path,
        },
      );
    }
    const read = pipeline === 'image-text' ? this.#readText : this.#readInvoice;
    return new Map(
      await Promise.all(
        parts.map(async (part, index) => {
          const facts = await read.call(this, part, context);
          return [part, { ...identityOf(part, index, parts), origin: 'turn', ...facts }] as const;
        }),
      ),
    );
  }

  /**
   * What messages before this turn brought, the newest first: a caller without stored state sends its
   * pictures again with every turn. One that cannot be read now is left out.
   */
  async ofEarlier(messages: readonly Message[], context: CallContext): Promise<Facts> {
    const current = new Set(currentMessages(messages));
    const parts = documentsIn(messages.filter((message) => !current.has(message))).slice(-this.maxDocuments);
    const facts = await Promise.all(
      parts.map(async (part, index) => {
        try {
          const found = await this.#readInvoice(part, context);
          return [[part, { ...identityOf(part, index, parts), origin: 'earlier', ...found }] as const];
        } catch (error) {
          if (!DomainError.is(error) || isOver(context)) throw error;
          documentSkipped({ code: error.code, requestId: context.requestId });
          return [];
        }
      }),
    );
    return new Map(facts.flat());
  }

  async #readInvoice(part: DocumentPart, context: CallContext): Promise<Reading> {
    const { invoice, pages } = await this.messaging.call(extractInvoice, documentRequest(part), {
      context,
      deadline: context.remaining(),
    });
    return { invoice, pages };
  }

  /** What turns out to be an invoice is read as one, though the question did not say so. */
  async #readText(part: DocumentPart, context: CallContext): Promise<Reading> {
    const pages = await this.#readPages(part, context);
    const text = pages.flatMap(({ lines }) => lines.map((line) => line.text)).join('\n');
    if (!LOOKS_LIKE_INVOICE.every((mark) => mark.test(text))) return { invoice: null, pages };
    try {
      return await this.#readInvoice(part, context);
    } catch (error) {
      if (!DomainError.is(error) || isOver(context)) throw error;
      return { invoice: null, pages };
    }
  }

  async #readPages(part: DocumentPart, context: CallContext): Promise<DocumentPage[]> {
    const options = { context, deadline: context.remaining() };
    if (part.type === 'file')
      return (await this.messaging.call(readDocument, documentRequest(part), options)).pages;
    const { width, height, lines } = await this.messaging.call(
      readText,
      { image: part.image, ...(part.path === undefined ? {} : { path: part.path }) },
      options,
    );
    return [{ page: 1, width, height, lines }];
  }
}

function documentsIn(messages: readonly Message[]): DocumentPart[] {
  return messages.flatMap(({ content }) =>
    content.filter((part) => part.type === 'image' || part.type === 'file'),
  );
}

function documentRequest(part: DocumentPart): RequestOf<typeof extractInvoice> {
  return {
    document: part.type === 'image' ? part.image : part.file,
    ...(part.type === 'file' ? { filename: part.filename } : {}),
    ...(part.path === undefined ? {} : { path: part.path }),
  };
}

function identityOf(
  part: DocumentPart,
  index: number,
  parts: readonly DocumentPart[],
): Pick<DocumentFacts, 'label' | 'fileId'> {
  const label = part.type === 'file' ? part.filename : parts.length > 1 ? `picture ${index + 1}` : 'picture';
  return { label, fileId: part.fileId ?? null };
}
