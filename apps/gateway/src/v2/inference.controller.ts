import { Controller, Inject } from '@nestjs/common';
import {
  HEADER_LENGTH,
  InferenceError,
  InferenceRequest,
  InferenceResponse,
} from '@trivium/contracts/open-inference';
import { readInputs, splitBody, writeAnswer } from '@trivium/contracts/open-inference-message';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { PlainAnswer } from '../http/plain-answer.js';
import { Serves } from '../http/serves.js';
import { Infer } from './infer.js';
import { readModelName, readVersion } from './model-name.js';
import { readJson } from './read-body.js';

const place = {
  tag: 'Open Inference Protocol',
  access: 'key',
  method: 'POST',
  body: InferenceRequest,
  bytes: {
    everyType: true,
    description: `JSON; with ${HEADER_LENGTH}, so many bytes of JSON and behind them the raw tensors in the order of the inputs`,
    headers: z.object({ [HEADER_LENGTH]: z.string().optional() }),
  },
  reply: InferenceResponse,
  failure: InferenceError,
} as const;

export const inferTensors = endpoint({
  ...place,
  operationId: 'inferTensors',
  path: '/v2/models/:model/infer',
  summary: 'Run a model on tensors; the name may say a variant, `model@int8`',
  params: z.strictObject({ model: z.string() }),
});

export const inferTensorsOfVersion = endpoint({
  ...place,
  operationId: 'inferTensorsOfVersion',
  path: '/v2/models/:model/versions/:version/infer',
  summary: 'The same with a version, by number or label',
  params: z.strictObject({ model: z.string(), version: z.string() }),
});

@Controller()
export class InferenceController {
  constructor(@Inject(Infer) private readonly infer: Infer) {}

  @Serves(inferTensors)
  run(input: InputOf<typeof inferTensors>, exchange: Exchange): Promise<AnswerOf<typeof inferTensors>> {
    return this.#run(input.params.model, undefined, input, exchange);
  }

  @Serves(inferTensorsOfVersion)
  runVersion(
    input: InputOf<typeof inferTensorsOfVersion>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof inferTensorsOfVersion>> {
    return this.#run(input.params.model, input.params.version, input, exchange);
  }

  async #run(
    model: string,
    version: string | undefined,
    { bytes }: Pick<InputOf<typeof inferTensors>, 'bytes'>,
    exchange: Exchange,
  ): Promise<PlainAnswer> {
    const { json, binary } = splitBody(bytes?.content ?? NOTHING, bytes?.headers[HEADER_LENGTH]);
    const request = readJson(InferenceRequest, json);
    const { cache, ...answer } = await this.infer.execute(
      {
        ...readModelName(model),
        version: readVersion(version),
        inputs: readInputs(request, binary),
        outputs: request.outputs?.map(({ name }) => name),
        parameters: request.parameters ?? {},
      },
      exchange,
    );
    const written = writeAnswer({ ...answer, id: request.id }, request);
    const headers = { 'x-cache': cache };
    if (written.binary.length === 0) return PlainAnswer.json(200, written.json, headers);
    const head = Buffer.from(JSON.stringify(written.json));
    return new PlainAnswer(200, Buffer.concat([head, ...written.binary]), {
      ...headers,
      'content-type': 'application/octet-stream',
      [HEADER_LENGTH]: String(head.byteLength),
    });
  }
}

const NOTHING = new Uint8Array();
