import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import { readText, type TextLine } from '@trivium/contracts/vision-inference';
import {
  AnswersCall,
  type CallContext,
  connectMessaging,
  type Messaging,
  MessagingTransport,
} from '@trivium/messaging';

type Reply = ReplyOf<typeof readText>;

export interface Asked {
  readonly bytes: Uint8Array;
  readonly path: string | undefined;
  readonly context: CallContext;
}

/** Stands where vision-inference stands: answers recorded lines, or as the test directs. */
export class RecordedVision implements AsyncDisposable {
  readonly asked: Asked[] = [];
  inFlight = 0;
  mostInFlight = 0;
  answer: (asked: Asked) => Promise<Reply> | Reply = () => recorded('01');
  #app: INestMicroservice | undefined;
  #messaging: Messaging | undefined;

  static async start(natsUrl: string): Promise<RecordedVision> {
    const vision = new RecordedVision();
    const messaging = await connectMessaging({ name: 'vision-inference', servers: natsUrl });
    vision.#messaging = messaging;
    vision.#app = await NestFactory.createMicroservice(moduleFor(vision, messaging), {
      strategy: new MessagingTransport(messaging),
      logger: false,
    });
    await vision.#app.listen();
    return vision;
  }

  async handle(
    messaging: Messaging,
    request: ParsedRequestOf<typeof readText>,
    context: CallContext,
  ): Promise<Reply> {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      const asked = { bytes: await messaging.blobs.get(request.image), path: request.path, context };
      this.asked.push(asked);
      return await this.answer(asked);
    } finally {
      this.inFlight -= 1;
    }
  }

  reset(): void {
    this.asked.length = 0;
    this.mostInFlight = 0;
    this.answer = () => recorded('01');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app?.close();
    await this.#messaging?.[Symbol.asyncDispose]();
  }
}

function moduleFor(vision: RecordedVision, messaging: Messaging) {
  @Controller()
  class ReadTextHandler {
    @AnswersCall(readText)
    read(request: ParsedRequestOf<typeof readText>, context: CallContext): Promise<Reply> {
      return vision.handle(messaging, request, context);
    }
  }
  @Module({ controllers: [ReadTextHandler] })
  class RecordedVisionModule {}
  return RecordedVisionModule;
}

const EXECUTION = {
  model: 'recorded',
  variant: 'fp32',
  placement: 'cpu',
  queueMs: 0,
  computeMs: 1,
  batchSize: 1,
} as const;

export function recorded(sample: string, kind: 'invoice' | 'certificate' = 'invoice'): Reply {
  const text = readFileSync(new URL(`fixtures/${kind}-${sample}.jsonl`, import.meta.url), 'utf8');
  const [head = '', ...lines] = text.trim().split('\n');
  const { width, height } = JSON.parse(head) as Pick<Reply, 'width' | 'height'>;
  return { width, height, lines: lines.map((line) => JSON.parse(line) as TextLine), execution: EXECUTION };
}

/** Nothing is written on it; the size tells which picture it was. */
export function blankPage({ bytes }: Asked): Reply {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x89504e47) throw new DomainError('unsupported_media', 'not a PNG');
  return { width: view.getUint32(16), height: view.getUint32(20), lines: [], execution: EXECUTION };
}
