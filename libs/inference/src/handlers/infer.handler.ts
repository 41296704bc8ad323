import { Controller, Inject, type Type } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { InferenceContracts } from '@trivium/contracts/inference';
import { AnswersCall, type CallContext } from '@trivium/messaging';
import { InferTensors } from '../inference/infer-tensors.js';

/** The use case has its own admission, by requests; the subject's must not refuse before it. */
const ADMISSION = { concurrency: 4_096, queue: 4_096 };

export function inferHandlerOf(contracts: InferenceContracts): Type {
  type Contract = typeof contracts.inferTensors;

  @Controller()
  class InferHandler {
    constructor(@Inject(InferTensors) private readonly inferTensors: InferTensors) {}

    @AnswersCall(contracts.inferTensors, ADMISSION)
    handle(request: ParsedRequestOf<Contract>, context: CallContext): Promise<ReplyOf<Contract>> {
      return this.inferTensors.execute(request, context);
    }
  }
  return InferHandler;
}
