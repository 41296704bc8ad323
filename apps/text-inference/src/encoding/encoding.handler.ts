import { Controller, Inject } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { classify, embed, rerank } from '@trivium/contracts/text-inference';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { ClassifyText } from './classify-text.js';
import { EmbedTexts } from './embed-texts.js';
import { RerankDocuments } from './rerank-documents.js';

/** The models' own queues are what bounds the work; the subjects must not refuse before them. */
const ADMISSION = { concurrency: 512, queue: 512 };

@Controller()
export class EncodingHandler {
  constructor(
    @Inject(EmbedTexts) private readonly embedTexts: EmbedTexts,
    @Inject(RerankDocuments) private readonly rerankDocuments: RerankDocuments,
    @Inject(ClassifyText) private readonly classifyText: ClassifyText,
  ) {}

  @AnswersCall(embed, ADMISSION)
  embed(request: ParsedRequestOf<typeof embed>, context: CallContext): Promise<ReplyOf<typeof embed>> {
    return this.embedTexts.execute(request, context);
  }

  @AnswersCall(rerank, ADMISSION)
  rerank(request: ParsedRequestOf<typeof rerank>, context: CallContext): Promise<ReplyOf<typeof rerank>> {
    return this.rerankDocuments.execute(request, context);
  }

  @AnswersCall(classify, ADMISSION)
  classify(
    request: ParsedRequestOf<typeof classify>,
    context: CallContext,
  ): Promise<ReplyOf<typeof classify>> {
    return this.classifyText.execute(request, context);
  }
}
