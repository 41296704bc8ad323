import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { Quadrilateral } from '@trivium/contracts/content';
import type { readText } from '@trivium/contracts/vision-inference';
import type { Blobs, CallContext } from '@trivium/messaging';
import type { Admission, Completed, RunOptions, WorkExecution } from '@trivium/serving';
import { inSpan } from '@trivium/telemetry';
import type { Crop, RecognisedLine } from '../spotting/task.js';
import { inReadingOrder } from './reading-order.js';
import type { TextSpotter } from './text-spotter.js';

type Request = ParsedRequestOf<typeof readText>;
type Reply = ReplyOf<typeof readText>;

export class ReadText {
  constructor(
    private readonly spotter: TextSpotter,
    private readonly blobs: Pick<Blobs, 'get'>,
    private readonly admission: Admission,
    private readonly maxImageBytes: number,
  ) {}

  async execute(request: Request, context: CallContext): Promise<Reply> {
    using _permit = this.admission.enter();
    const { signal, priority } = context;
    const arrivedAt = performance.now();
    const options: RunOptions = { signal, priority, arrivedAt, deadline: arrivedAt + context.remaining() };
    const image = await this.blobs.get(request.image, { maxBytes: this.maxImageBytes, signal });
    const attributes = {
      'gen_ai.operation.name': 'ocr',
      'gen_ai.provider.name': 'trivium',
      'gen_ai.request.model': this.spotter.modelId,
    };
    return inSpan('trivium.vision-inference', `ocr ${this.spotter.modelId}`, { attributes }, () =>
      this.#read(image, request, options),
    );
  }

  async #read(image: Uint8Array, request: Request, options: RunOptions): Promise<Reply> {
    const page = await this.spotter.detect(image, request.path, options);
    const { width, height, crops } = page.output;
    const lines = await Promise.all(crops.map((crop) => this.spotter.recognise(crop, options)));
    const read = crops.flatMap((crop, index) => {
      const line = lines[index]?.output;
      if (line === undefined || line.text === '' || line.confidence < request.minConfidence) return [];
      return [{ quadrilateral: standing(crop, line), text: line.text, confidence: line.confidence }];
    });
    return { width, height, lines: inReadingOrder(read), execution: this.#execution(page, lines) };
  }

  #execution(page: Completed<unknown>, lines: readonly Completed<unknown>[]): Reply['execution'] {
    const steps = lines.map(({ execution }) => execution);
    const largest = (of: (step: WorkExecution) => number): number => Math.max(0, ...steps.map(of));
    return {
      model: this.spotter.modelId,
      variant: this.spotter.variant,
      placement: this.spotter.placement,
      queueMs: page.execution.queueMs + largest(({ queueMs }) => queueMs),
      // A line answers for its share of the run that it was in.
      computeMs: steps.reduce(
        (sum, { computeMs, batchSize }) => sum + computeMs / batchSize,
        page.execution.computeMs,
      ),
      batchSize: Math.max(
        page.execution.batchSize,
        largest(({ batchSize }) => batchSize),
      ),
    };
  }
}

/** Corners from the top left as the text stands, which for a line on its head is the opposite corner. */
function standing({ quadrilateral }: Crop, { turned }: RecognisedLine): Quadrilateral {
  if (!turned) return quadrilateral;
  const [topLeft, topRight, bottomRight, bottomLeft] = quadrilateral;
  return [bottomRight, bottomLeft, topLeft, topRight];
}
