import 'reflect-metadata';
import { Controller, type DynamicModule, Module, type Type } from '@nestjs/common';
import { DomainError, type ParsedRequestOf, type PartOf, type ReplyOf } from '@trivium/contracts';
import { type converse, ConverseRequest } from '@trivium/contracts/router';
import { appendTurn, loadHistory, readFile } from '@trivium/contracts/session';
import { extractInvoice, markDocument, readDocument } from '@trivium/contracts/ocr-certification';
import { classify, generate, listTextModels } from '@trivium/contracts/text-inference';
import { readText } from '@trivium/contracts/vision-inference';
import { AnswersCall, AnswersStream, type CallContext } from '@trivium/messaging';
import { startMicroservice } from '@trivium/platform';
import { startInProcess } from '@trivium/platform/testing';
import { setLogLevel } from '@trivium/telemetry';
import { z } from 'zod';
import { routerConfig } from '../src/router.config.js';
import { RouterModule } from '../src/router.module.js';

setLogLevel('silent');

type Handler<Contract extends Parameters<typeof AnswersCall>[0]> = (
  request: ParsedRequestOf<Contract>,
  context: CallContext,
) => Promise<ReplyOf<Contract>>;
export type Producer = (
  request: ParsedRequestOf<typeof generate>,
  context: CallContext,
) => AsyncIterable<PartOf<typeof generate>>;

const unscripted = async (): Promise<never> => {
  throw new Error('not scripted');
};

/** A stream that fails before its first part. */
export const failing =
  (error: Error): Producer =>
  () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) });

/** What the services around the router answer; a test overwrites what it needs and reads what was asked. */
export class Script {
  generate: Producer = failing(new Error('not scripted'));
  listTextModels: Handler<typeof listTextModels> = async () => ({ models: [] });
  classify: Handler<typeof classify> = async () => {
    throw new DomainError('model_not_available', 'There is no model that embeds text.');
  };
  extractInvoice: Handler<typeof extractInvoice> = unscripted;
  readDocument: Handler<typeof readDocument> = unscripted;
  markDocument: Handler<typeof markDocument> = unscripted;
  readText: Handler<typeof readText> = unscripted;
  loadHistory: Handler<typeof loadHistory> = unscripted;
  appendTurn: Handler<typeof appendTurn> = unscripted;
  readFile: Handler<typeof readFile> = unscripted;
  readonly asked: { readonly what: string; readonly request: unknown }[] = [];

  requests<Contract extends { readonly subject: string }>(contract: Contract): unknown[] {
    return this.asked.filter(({ what }) => what === contract.subject).map(({ request }) => request);
  }

  reset(): void {
    Object.assign(this, new Script(), { asked: this.asked });
    this.asked.length = 0;
  }
}

function textInference(script: Script): Type {
  @Controller()
  class TextInferenceDouble {
    @AnswersStream(generate)
    generate(request: ParsedRequestOf<typeof generate>, context: CallContext) {
      script.asked.push({ what: generate.subject, request });
      return script.generate(request, context);
    }

    @AnswersCall(classify)
    classify(request: ParsedRequestOf<typeof classify>, context: CallContext) {
      script.asked.push({ what: classify.subject, request });
      return script.classify(request, context);
    }

    @AnswersCall(listTextModels)
    list(request: ParsedRequestOf<typeof listTextModels>, context: CallContext) {
      return script.listTextModels(request, context);
    }
  }
  return TextInferenceDouble;
}

function readers(script: Script): Type {
  @Controller()
  class ReadersDouble {
    @AnswersCall(extractInvoice)
    extract(request: ParsedRequestOf<typeof extractInvoice>, context: CallContext) {
      script.asked.push({ what: extractInvoice.subject, request });
      return script.extractInvoice(request, context);
    }

    @AnswersCall(readDocument)
    read(request: ParsedRequestOf<typeof readDocument>, context: CallContext) {
      script.asked.push({ what: readDocument.subject, request });
      return script.readDocument(request, context);
    }

    @AnswersCall(markDocument)
    mark(request: ParsedRequestOf<typeof markDocument>, context: CallContext) {
      script.asked.push({ what: markDocument.subject, request });
      return script.markDocument(request, context);
    }

    @AnswersCall(readText)
    spot(request: ParsedRequestOf<typeof readText>, context: CallContext) {
      script.asked.push({ what: readText.subject, request });
      return script.readText(request, context);
    }
  }
  return ReadersDouble;
}

function session(script: Script): Type {
  @Controller()
  class SessionDouble {
    @AnswersCall(loadHistory)
    load(request: ParsedRequestOf<typeof loadHistory>, context: CallContext) {
      script.asked.push({ what: loadHistory.subject, request });
      return script.loadHistory(request, context);
    }

    @AnswersCall(readFile)
    file(request: ParsedRequestOf<typeof readFile>, context: CallContext) {
      script.asked.push({ what: readFile.subject, request });
      return script.readFile(request, context);
    }

    @AnswersCall(appendTurn)
    append(request: ParsedRequestOf<typeof appendTurn>, context: CallContext) {
      script.asked.push({ what: appendTurn.subject, request });
      return script.appendTurn(request, context);
    }
  }
  return SessionDouble;
}

@Module({})
class DoublesModule {
  static of(controller: Type): DynamicModule {
    return { module: DoublesModule, controllers: [controller] };
  }
}

export const startRouter = (natsUrl: string, env: Record<string, string> = {}): Promise<AsyncDisposable> =>
  startInProcess(
    {
      name: 'router',
      config: routerConfig,
      start: (context) =>
        startMicroservice(RouterModule.register(context.config, context.messaging), context),
    },
    { NATS_URL: natsUrl, ...env },
  );

const startDouble = (name: string, natsUrl: string, controller: Type): Promise<AsyncDisposable> =>
  startInProcess(
    {
      name,
      config: z.object({}),
      start: (context) => startMicroservice(DoublesModule.of(controller), context),
    },
    { NATS_URL: natsUrl },
  );

export const startTextInference = (natsUrl: string, script: Script): Promise<AsyncDisposable> =>
  startDouble('text-inference', natsUrl, textInference(script));

export const startReaders = (natsUrl: string, script: Script): Promise<AsyncDisposable> =>
  startDouble('ocr-certification', natsUrl, readers(script));

export const startSession = (natsUrl: string, script: Script): Promise<AsyncDisposable> =>
  startDouble('session', natsUrl, session(script));

type Part = PartOf<typeof converse>;

export const textOf = (parts: readonly Part[]): string =>
  parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

export const turn = (
  content: string | ConverseRequest['messages'][number]['content'],
  overrides: Partial<ConverseRequest> = {},
): ConverseRequest =>
  ConverseRequest.parse({
    model: 'trivium',
    messages: [
      { role: 'user', content: typeof content === 'string' ? [{ type: 'text', text: content }] : content },
    ],
    ...overrides,
  });
