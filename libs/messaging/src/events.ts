import { type Attributes, type Counter, type Histogram, metrics } from '@opentelemetry/api';
import type { DomainError, ErrorCode } from '@trivium/contracts';
import type { MessagingLogger, Priority } from './messaging.js';

type Outcome = ErrorCode | 'ok';
type Operation = 'send' | 'process' | 'publish';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What this library counts and logs, one method for each thing that happens. Subjects are a closed set; ids stay out of metrics. */
export class MessagingEvents {
  readonly #sent: Histogram;
  readonly #processed: Histogram;
  readonly #wasted: Counter;
  readonly #expired: Counter;
  readonly #rejected: Counter;
  readonly #attributes: Readonly<Record<Operation, Map<string, Map<Outcome, Attributes>>>> = {
    send: new Map(),
    publish: new Map(),
    process: new Map(),
  };
  readonly #logger: MessagingLogger;

  constructor(logger: MessagingLogger) {
    const meter = metrics.getMeter('trivium.messaging');
    const advice = { explicitBucketBoundaries: SECONDS };
    this.#logger = logger;
    this.#sent = meter.createHistogram('messaging.client.operation.duration', {
      unit: 's',
      description: 'From sending a request to its answer or the end of its stream.',
      advice,
    });
    this.#processed = meter.createHistogram('messaging.process.duration', {
      unit: 's',
      description: 'Time a handler worked on a message.',
      advice,
    });
    this.#wasted = meter.createCounter('messaging.process.wasted', {
      unit: 'ms',
      description: 'Time handlers went on working after nobody wanted the answer.',
    });
    this.#expired = meter.createCounter('messaging.process.expired', {
      unit: '{message}',
      description: 'Requests dropped before work began because their deadline had passed.',
    });
    this.#rejected = meter.createCounter('messaging.process.rejected', {
      unit: '{message}',
      description: 'Requests refused because the queue of their subject was full.',
    });
  }

  requestFinished(
    subject: string,
    operation: 'send' | 'publish',
    durationMs: number,
    outcome: Outcome,
  ): void {
    this.#sent.record(durationMs / 1_000, this.#attributesOf(subject, operation, outcome));
  }

  workFinished(subject: string, durationMs: number, outcome: Outcome): void {
    this.#processed.record(durationMs / 1_000, this.#attributesOf(subject, 'process', outcome));
  }

  workWasted(work: { subject: string; requestId: string; reason: ErrorCode; wastedMs: number }): void {
    this.#wasted.add(work.wastedMs, this.#attributesOf(work.subject, 'process', work.reason));
    this.#logger.debug(work, 'messaging.work-wasted');
  }

  workExpired(work: { subject: string; requestId: string }): void {
    this.#expired.add(1, this.#attributesOf(work.subject, 'process', 'deadline_exceeded'));
    this.#logger.debug(work, 'messaging.work-expired');
  }

  workRejected(work: { subject: string; requestId: string; priority: Priority; retryAfterMs: number }): void {
    this.#rejected.add(1, this.#attributesOf(work.subject, 'process', 'overloaded'));
    this.#logger.debug(work, 'messaging.work-rejected');
  }

  /** The one place where an unexpected error is seen whole: its caller learns the request id alone. */
  handlerFailed(work: { subject: string; requestId: string }, error: unknown): void {
    this.#logger.error({ ...work, err: error }, 'messaging.handler-failed');
  }

  answerUnreadable(call: { subject: string; requestId: string }, error: unknown): void {
    this.#logger.error({ ...call, err: error }, 'messaging.answer-breaks-contract');
  }

  sendingFailed(error: unknown): void {
    this.#logger.warn({ err: error }, 'messaging.sending-failed');
  }

  eventFailed(
    event: { subject: string; consumer: string; messageId: string; deliveries: number },
    error: unknown,
  ): void {
    this.#logger.error({ ...event, err: error }, 'messaging.event-failed');
  }

  eventDropped(event: { subject: string; consumer: string; messageId: string }, error: DomainError): void {
    this.#logger.error({ ...event, err: error }, 'messaging.event-dropped');
  }

  eventsInterrupted(consumer: { subject: string; consumer: string }, error: unknown): void {
    this.#logger.warn({ ...consumer, err: error }, 'messaging.events-interrupted');
  }

  watchInterrupted(bucket: string, error: unknown): void {
    this.#logger.warn({ bucket, err: error }, 'messaging.watch-interrupted');
  }

  connectionLost(): void {
    this.#logger.warn({}, 'messaging.connection-lost');
  }

  connectionRegained(server: string): void {
    this.#logger.info({ server }, 'messaging.connection-regained');
  }

  brokerComplained(error: Error): void {
    this.#logger.error({ err: error }, 'messaging.broker-complained');
  }

  /** Made once for each subject and outcome: this runs for every message. */
  #attributesOf(subject: string, operation: Operation, outcome: Outcome): Attributes {
    let outcomes = this.#attributes[operation].get(subject);
    if (outcomes === undefined) {
      outcomes = new Map();
      this.#attributes[operation].set(subject, outcomes);
    }
    let attributes = outcomes.get(outcome);
    if (attributes === undefined) {
      attributes = {
        'messaging.system': 'nats',
        'messaging.operation.name': operation,
        'messaging.destination.name': subject,
        ...(outcome === 'ok' ? {} : { 'error.type': outcome }),
      };
      outcomes.set(outcome, attributes);
    }
    return attributes;
  }
}
