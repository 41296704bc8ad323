import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { readText } from '@trivium/contracts/vision-inference';
import type { Blobs, CallContext } from '@trivium/messaging';
import type { Admission, Completed, RunOptions, WorkExecution } from '@trivium/serving';
import { inSpan } from '@trivium/telemetry';
import type { PageEvent } from '../events.js';
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
    private readonly onPage: (event: PageEvent) => void,
  ) {}

  async execute(request: Request, context: CallContext): Promise<Reply> {
    const arrivedAt = performance.now();
    const report = (outcome: Pick<PageEvent, 'lines' | 'failure'>): void =>
      this.onPage({
        model: this.spotter.modelId,
        requestId: context.requestId,
        durationMs: performance.now() - arrivedAt,
        ...outcome,
      });
    try {
      using _permit = this.admission.enter();
      const reply = await this.#readImage(request, context, arrivedAt); // awaited, so that the permit is held
      report({ lines: reply.lines.length });
      return reply;
    } catch (error) {
      report({ lines: 0, failure: DomainError.is(error) ? error.code : 'internal' });
      throw error;
    }
  }

  async #readImage(request: Request, context: CallContext, arrivedAt: number): Promise<Reply> {
    const { signal, priority } = context;
    const options: RunOptions = { signal, priority, arrivedAt, deadline: arrivedAt + context.remaining() };
    const image = await this.blobs.get(request.image, { maxBytes: this.maxImageBytes, signal });
    const attributes = {
      'gen_ai.operation.name': 'ocr',
      'gen_ai.provider.name': 'trivium',
      'gen_ai.request.model': this.spotter.modelId,
    };
    const span = `ocr ${this.spotter.modelId}`;
    return inSpan('trivium.vision-inference', span, { attributes }, () =>
      this.#read(image, request, options),
    );
  }

  async #read(image: Uint8Array, request: Request, options: RunOptions): Promise<Reply> {
    using page = this.spotter.open(image, request.path, options);
    const detected = await page.detect();
    const { width, height, lines } = detected.output;
    // Longest first: the short ones even out what the workers finish at.
    const longestFirst = lines.toSorted((one, other) => other.columns - one.columns);
    const recognised = await Promise.all(longestFirst.map((line) => page.recognise(line)));
    const read = recognised
      .map(({ output: { quadrilateral, text, confidence } }) => ({ quadrilateral, text, confidence }))
      .filter(({ text, confidence }) => text !== '' && confidence >= request.minConfidence);
    return { width, height, lines: inReadingOrder(read), execution: this.#execution(detected, recognised) };
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
