import { Controller, Module } from '@nestjs/common';
import {
  extractCertificate,
  type ExtractCertificateReply,
  readEvidenceKey,
} from '@trivium/contracts/certificates';
import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { ModelDescription } from '@trivium/contracts/model';
import {
  extractInvoice,
  type ExtractInvoiceReply,
  readDocument,
  type ReadDocumentReply,
} from '@trivium/contracts/ocr-certification';
import { converse, type ConversePart } from '@trivium/contracts/router';
import * as session from '@trivium/contracts/session';
import { embed, listTextModels, rerank } from '@trivium/contracts/text-inference';
import { AnswersCall, AnswersStream, type CallContext, type Blobs } from '@trivium/messaging';
import { keyHash } from '../src/keys/key-hash.js';

export type ConverseRequest = ParsedRequestOf<typeof converse>;
type Turn = (request: ConverseRequest, context: CallContext) => AsyncIterable<ConversePart>;

const USAGE = { inputTokens: 11, outputTokens: 7 };

export const routeDecided: ConversePart = {
  type: 'route-decided',
  pipeline: 'chat',
  rule: 'default',
  reason: 'test',
};

export function turnEnd(overrides: Partial<Extract<ConversePart, { type: 'turn-end' }>> = {}): ConversePart {
  return { type: 'turn-end', reason: 'stop', usage: USAGE, model: 'fake-model', itemIds: [], ...overrides };
}

/** Answers every turn with these words, one delta each. */
export function saying(...words: readonly string[]): Turn {
  return async function* () {
    yield routeDecided;
    for (const text of words) yield { type: 'text-delta', text };
    yield turnEnd();
  };
}

/**
 * Stands for the services behind the gateway on the real subjects. Tests set what they answer and look
 * at what they were asked.
 */
export class FakeServices {
  turn: Turn = saying('Hello', ' there');
  readonly turns: ConverseRequest[] = [];
  /** Set, the session answers every call with it, as it does without its database. */
  sessionFailure: DomainError | undefined;
  keyChecks = 0;
  readonly keys = new Map<string, { keyId: string; tenant: string; name: string; scopes: string[] }>();
  readonly files = new Map<string, { file: session.StoredFile; bytes: Uint8Array }>();
  /** As the real session does, files are kept whole; the gateway's blobs end with its requests. */
  blobs!: Blobs; // set by whoever connects these services, before they answer
  readonly conversations = new Map<
    string,
    { conversation: session.Conversation; items: session.Item[]; tenant: string }
  >();
  readonly responses = new Map<string, session.StoredResponse>();
  models: ModelDescription[] = [];
  documents: (request: ParsedRequestOf<typeof readDocument>) => ReadDocumentReply = () => ({
    pages: [],
    execution: [],
  });
  invoices: (request: ParsedRequestOf<typeof extractInvoice>) => ExtractInvoiceReply = () => ({
    invoice: null,
    pages: [],
    execution: [],
  });
  certificates: (request: ParsedRequestOf<typeof extractCertificate>) => ExtractCertificateReply = () => {
    throw new DomainError('model_not_available', 'There is no model that reads text.');
  };
  embeddings: (request: ParsedRequestOf<typeof embed>) => ReplyOf<typeof embed> = () => {
    throw new DomainError('model_not_available', 'There is no model that embeds text.');
  };
  rankings: (request: ParsedRequestOf<typeof rerank>) => ReplyOf<typeof rerank> = () => {
    throw new DomainError('model_not_available', 'There is no model that reranks text.');
  };
  #counter = 0;

  addKey(key: string, overrides: { tenant?: string; scopes?: string[] } = {}): void {
    const keyId = `key_${(this.#counter += 1)}`;
    this.keys.set(keyHash(key), { keyId, tenant: 'acme', name: 'test', scopes: [], ...overrides });
  }

  nextId(prefix: string): string {
    return `${prefix}${(this.#counter += 1)}`;
  }

  /** The handlers, for the transport. */
  module(): object {
    @Module({ controllers: [routerOf(this), sessionOf(this), inferenceOf(this)] })
    class FakeServicesModule {}
    return FakeServicesModule;
  }
}

function routerOf(services: FakeServices): new () => object {
  @Controller()
  class FakeRouter {
    @AnswersStream(converse)
    async *converse(request: ConverseRequest, context: CallContext): AsyncGenerator<ConversePart> {
      services.turns.push(request);
      yield* services.turn(request, context);
    }
  }
  return FakeRouter;
}

function inferenceOf(services: FakeServices): new () => object {
  @Controller()
  class FakeInference {
    @AnswersCall(listTextModels)
    async models(): Promise<{ models: ModelDescription[] }> {
      return { models: services.models };
    }

    @AnswersCall(embed)
    async embed(request: ParsedRequestOf<typeof embed>): Promise<ReplyOf<typeof embed>> {
      return services.embeddings(request);
    }

    @AnswersCall(rerank)
    async rerank(request: ParsedRequestOf<typeof rerank>): Promise<ReplyOf<typeof rerank>> {
      return services.rankings(request);
    }

    @AnswersCall(readDocument)
    async read(request: ParsedRequestOf<typeof readDocument>): Promise<ReadDocumentReply> {
      return services.documents(request);
    }

    @AnswersCall(extractInvoice)
    async invoice(request: ParsedRequestOf<typeof extractInvoice>): Promise<ExtractInvoiceReply> {
      return services.invoices(request);
    }

    @AnswersCall(extractCertificate)
    async certificate(request: ParsedRequestOf<typeof extractCertificate>): Promise<ExtractCertificateReply> {
      return services.certificates(request);
    }

    @AnswersCall(readEvidenceKey)
    async evidenceKey(): Promise<ReplyOf<typeof readEvidenceKey>> {
      return { algorithm: 'Ed25519', keyId: '0123456789abcdef', publicKey: 'key', pem: 'pem' };
    }
  }
  return FakeInference;
}

function found<Value>(value: Value | undefined, id: string): Value {
  if (value === undefined) throw new DomainError('not_found', `Nothing has the id ${id}.`);
  return value;
}

function sessionOf(services: FakeServices): new () => object {
  const { keys, files, conversations, responses } = services;
  const open = () => {
    if (services.sessionFailure) throw services.sessionFailure;
  };
  const items = (given: readonly session.NewItem[], after: number): session.Item[] =>
    given.map((item, index) => ({
      ...item,
      id: item.id ?? services.nextId('msg_'),
      sequence: after + index + 1,
      responseId: null,
      createdAt: 1_700_000_000,
    }));
  const ofTenant = (id: string, tenant: string) => {
    const entry = conversations.get(id);
    return found(entry?.tenant === tenant ? entry : undefined, id);
  };

  @Controller()
  class FakeSession {
    @AnswersCall(session.verifyKey)
    async verifyKey({ hash }: ParsedRequestOf<typeof session.verifyKey>) {
      services.keyChecks += 1;
      open();
      const key = keys.get(hash);
      if (key === undefined) throw new DomainError('invalid_api_key', 'No such key.');
      return key;
    }

    @AnswersCall(session.createKey)
    async createKey({ hash, ...key }: ParsedRequestOf<typeof session.createKey>) {
      open();
      const keyId = services.nextId('key_');
      keys.set(hash, { keyId, ...key });
      return { keyId, created: true };
    }

    @AnswersCall(session.listKeys)
    async listKeys() {
      open();
      return {
        keys: [...keys.values()].map(({ keyId, name, scopes }) => ({
          keyId,
          name,
          scopes,
          createdAt: 1_700_000_000,
          revokedAt: null,
        })),
      };
    }

    @AnswersCall(session.revokeKey)
    async revokeKey({ keyId }: ParsedRequestOf<typeof session.revokeKey>) {
      open();
      const entry = [...keys].find(([, key]) => key.keyId === keyId);
      if (entry) keys.delete(entry[0]);
      return { keyId, revoked: entry !== undefined };
    }

    @AnswersCall(session.createConversation)
    async createConversation(
      request: ParsedRequestOf<typeof session.createConversation>,
      { tenant }: CallContext,
    ) {
      open();
      const stored = items(request.items, 0);
      const conversation = {
        id: services.nextId('conv_'),
        createdAt: 1_700_000_000,
        metadata: request.metadata,
        head: stored.length,
      };
      conversations.set(conversation.id, { conversation, items: stored, tenant });
      return conversation;
    }

    @AnswersCall(session.getConversation)
    async getConversation(
      { conversationId }: ParsedRequestOf<typeof session.getConversation>,
      { tenant }: CallContext,
    ) {
      open();
      return ofTenant(conversationId, tenant).conversation;
    }

    @AnswersCall(session.updateConversation)
    async updateConversation(
      { conversationId, metadata }: ParsedRequestOf<typeof session.updateConversation>,
      { tenant }: CallContext,
    ) {
      open();
      const entry = ofTenant(conversationId, tenant);
      entry.conversation = { ...entry.conversation, metadata };
      return entry.conversation;
    }

    @AnswersCall(session.deleteConversation)
    async deleteConversation(
      { conversationId }: ParsedRequestOf<typeof session.deleteConversation>,
      { tenant }: CallContext,
    ) {
      open();
      ofTenant(conversationId, tenant);
      return { id: conversationId, deleted: conversations.delete(conversationId) };
    }

    @AnswersCall(session.listItems)
    async listItems(
      { conversationId, order, limit, after }: ParsedRequestOf<typeof session.listItems>,
      { tenant }: CallContext,
    ) {
      open();
      const all = [...ofTenant(conversationId, tenant).items];
      if (order === 'desc') all.reverse();
      const rest = all.slice(after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1);
      return { items: rest.slice(0, limit), hasMore: rest.length > limit };
    }

    @AnswersCall(session.getItem)
    async getItem(
      { conversationId, itemId }: ParsedRequestOf<typeof session.getItem>,
      { tenant }: CallContext,
    ) {
      open();
      return found(
        ofTenant(conversationId, tenant).items.find(({ id }) => id === itemId),
        itemId,
      );
    }

    @AnswersCall(session.appendItems)
    async appendItems(
      { conversationId, items: given }: ParsedRequestOf<typeof session.appendItems>,
      { tenant }: CallContext,
    ) {
      open();
      const entry = ofTenant(conversationId, tenant);
      const added = items(given, entry.items.length);
      entry.items.push(...added);
      return { items: added, head: entry.items.length };
    }

    @AnswersCall(session.getResponse)
    async getResponse({ responseId }: ParsedRequestOf<typeof session.getResponse>) {
      open();
      return found(responses.get(responseId), responseId);
    }

    @AnswersCall(session.deleteResponse)
    async deleteResponse({ responseId }: ParsedRequestOf<typeof session.deleteResponse>) {
      open();
      found(responses.get(responseId), responseId);
      return { id: responseId, deleted: responses.delete(responseId) };
    }

    @AnswersCall(session.listResponseInput)
    async listResponseInput({ responseId }: ParsedRequestOf<typeof session.listResponseInput>) {
      open();
      found(responses.get(responseId), responseId);
      const asked: session.NewItem = {
        role: 'user',
        status: 'completed',
        parts: [{ type: 'text', text: 'asked' }],
      };
      return { items: items([asked], 0), hasMore: false };
    }

    @AnswersCall(session.putFile)
    async putFile({ content, ...rest }: ParsedRequestOf<typeof session.putFile>) {
      open();
      const file: session.StoredFile = {
        ...rest,
        id: services.nextId('file_'),
        mediaType: content.mediaType,
        size: content.kind === 'inline' ? content.bytes.byteLength : content.size,
        sha256: '0'.repeat(64),
        createdAt: 1_700_000_000,
      };
      files.set(file.id, { file, bytes: await services.blobs.get(content) });
      return file;
    }

    @AnswersCall(session.getFile)
    async getFile({ fileId }: ParsedRequestOf<typeof session.getFile>) {
      open();
      return found(files.get(fileId), fileId).file;
    }

    @AnswersCall(session.readFile)
    async readFile({ fileId }: ParsedRequestOf<typeof session.readFile>) {
      open();
      const { file, bytes } = found(files.get(fileId), fileId);
      return { file, content: await services.blobs.put(bytes, file.mediaType) };
    }

    @AnswersCall(session.listFiles)
    async listFiles({ purpose }: ParsedRequestOf<typeof session.listFiles>) {
      open();
      const all = [...files.values()].map(({ file }) => file);
      return {
        files: all.filter((file) => purpose === undefined || file.purpose === purpose),
        hasMore: false,
      };
    }

    @AnswersCall(session.deleteFile)
    async deleteFile({ fileId }: ParsedRequestOf<typeof session.deleteFile>) {
      open();
      found(files.get(fileId), fileId);
      return { id: fileId, deleted: files.delete(fileId) };
    }
  }
  return FakeSession;
}
