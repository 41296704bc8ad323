import { DomainError } from '@trivium/contracts';
import type { RunOptions } from '../batching/batcher.js';
import { nobodyWaits, whyLeft } from '../batching/batch-run.js';
import { Expiry } from '../batching/expiry.js';
import { FairShare } from '../batching/fair-share.js';
import { priorityLevelOf, type PriorityRules } from '../batching/priority.js';
import { WaitingLine } from '../batching/waiting-line.js';
import { type Clock, systemClock } from '../clock/clock.js';
import { WorkerLost } from '../supervision/worker.js';
import type { SequenceModelV1, StepOutput } from './sequence-model.js';
import { Sequence, type SequenceStream } from './sequence-stream.js';

export interface StepEvent {
  readonly modelId: string;
  readonly variant: string;
  readonly sequences: number;
  /** Of all sequences that hold state. */
  readonly cost: number;
  readonly joined: number;
  readonly computeMs: number;
  readonly outcome: 'ok' | 'failed' | 'worker-lost';
}

export interface SequenceBatcherOptions extends PriorityRules {
  /** Sequences that may wait to join; past it the answer is `overloaded`, at once. */
  readonly maxWaiting: number;
  /** Pieces that a sequence may be ahead of its consumer; then it pauses. Default 32. */
  readonly maxBuffered?: number | undefined;
  /** A consumer that reads nothing for so long while its sequence pauses has lost it. Default 30 000. */
  readonly maxPauseMs?: number | undefined;
  /** Sequences that hold state, as a multiple of the places of a step: paused ones leave their place to others. Default 4. */
  readonly residentFactor?: number | undefined;
  readonly defaultTimeoutMs?: number | undefined;
  readonly agingMs?: number | undefined;
  readonly weightOf?: ((tenant: string) => number) | undefined;
  readonly clock?: Clock | undefined;
  readonly onStep?: ((event: StepEvent) => void) | undefined;
}

export type SequenceOptions = Omit<RunOptions, 'arrivedAt'>;

const MAX_BUFFERED = 32;
const MAX_PAUSE_MS = 30_000;
const RESIDENT_FACTOR = 4;
const AGING_MS = 5_000;
const LEAST_RETRY_AFTER_MS = 100;
/** Weight of the newest sequence in the running mean of how long one stays. */
const SMOOTHING = 0.2;

/**
 * Step-wise batching: sequences join and leave between steps, so that a short one never waits for a long
 * one and a free place is taken at once (iteration-level scheduling: Yu et al., Orca, OSDI 2022).
 *
 * A sequence joins when its turn comes (levels and tenants as in the `Batcher`), a place is free and its
 * whole cost fits; nothing that runs is ever put out for want of room. The one whose turn it is waits for
 * room and nobody passes it, so a large one does not starve. A consumer that does not read pauses its
 * sequence: it keeps its state, not its place in the steps.
 */
export class SequenceBatcher<Input, Piece> implements AsyncDisposable {
  readonly #line: WaitingLine<Sequence<Input, Piece>>;
  readonly #expiry: Expiry<Sequence<Input, Piece>>;
  /** In the order in which they stepped last. */
  readonly #resident = new Set<Sequence<Input, Piece>>();
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  #cost = 0;
  #joined = 0;
  #nextId = 1;
  #stayMs = 0;
  #loop: Promise<void> | undefined;

  constructor(
    private readonly model: SequenceModelV1<Input, Piece>,
    private readonly options: SequenceBatcherOptions,
  ) {
    this.#clock = options.clock ?? systemClock;
    this.#line = new WaitingLine(new FairShare(options.weightOf), options.agingMs ?? AGING_MS);
    this.#expiry = new Expiry(this.#clock, (sequences) => {
      for (const sequence of sequences) this.#expire(sequence);
    });
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** Sequences that hold state. */
  get running(): number {
    return this.#resident.size;
  }

  /** Milliseconds until what waits now has joined, judged by how long the latest sequences stayed. */
  estimatedWaitMs(): number {
    return (this.#line.size * this.#stayMs) / this.model.limits.maxSequences;
  }

  /**
   * Enters the line at once. `overloaded` when it is full, `invalid_request` when the sequence could never
   * fit; a deadline or an abort ends it in the line and between steps.
   */
  run(input: Input, options: SequenceOptions = {}): SequenceStream<Piece> {
    const { modelId, limits } = this.model;
    options.signal?.throwIfAborted();
    if (this.#stopped.signal.aborted) throw this.#stopping();
    const cost = this.model.costOf(input);
    if (cost > limits.maxCost) {
      const message = `${modelId} has room for ${limits.maxCost} ${limits.costUnit}, not for ${cost}`;
      throw new DomainError('invalid_request', message);
    }
    if (this.#line.size >= this.options.maxWaiting) {
      throw new DomainError('overloaded', `${modelId} has ${this.#line.size} sequences waiting`, {
        retryAfterMs: Math.max(LEAST_RETRY_AFTER_MS, Math.ceil(this.estimatedWaitMs())),
      });
    }
    const leave = (): void => this.#end(sequence, whyLeft(options.signal));
    const onEnd = (): void => options.signal?.removeEventListener('abort', leave);
    const sequence = this.#sequence(input, cost, options, onEnd);
    options.signal?.addEventListener('abort', leave, { once: true });
    this.#line.add(sequence);
    this.#expiry.add(sequence);
    this.#wake();
    return sequence;
  }

  /** Refuses what waits, ends what runs after its step, then releases the model. */
  async [Symbol.asyncDispose](): Promise<void> {
    const stopping = this.#stopping();
    this.#stopped.abort(stopping);
    for (const sequence of [...this.#line, ...this.#resident]) this.#end(sequence, stopping);
    await this.#loop;
    this.#expiry[Symbol.dispose]();
    await this.model[Symbol.asyncDispose]();
  }

  #sequence(input: Input, cost: number, options: SequenceOptions, onEnd: () => void): Sequence<Input, Piece> {
    const now = this.#clock.now();
    const deadline = options.deadline ?? Number.POSITIVE_INFINITY;
    const timeoutMs = options.queueTimeoutMs ?? (this.options.defaultTimeoutMs || Number.POSITIVE_INFINITY);
    const sequence: Sequence<Input, Piece> = new Sequence<Input, Piece>(
      this.#nextId++,
      input,
      cost,
      priorityLevelOf(options, this.options),
      options.tenant ?? '',
      now,
      Math.min(deadline, now + timeoutMs),
      deadline,
      {
        onRead: () => this.#onRead(sequence),
        onEnd,
        onLeave: () => this.#end(sequence, nobodyWaits()),
      },
    );
    return sequence;
  }

  #wake(): void {
    this.#loop ??= this.#run();
  }

  async #run(): Promise<void> {
    // What came in the same turn of the event loop joins the same step.
    await Promise.resolve();
    try {
      for (;;) {
        this.#expiry.sweep();
        this.#admit();
        const batch = this.#ready().slice(0, this.model.limits.maxSequences);
        if (batch.length === 0) return;
        await this.#step(batch);
      }
    } finally {
      this.#loop = undefined; // in the same turn, so that no wake is lost
    }
  }

  #ready(): Sequence<Input, Piece>[] {
    return [...this.#resident].filter(({ pausedSince }) => pausedSince === undefined);
  }

  #admit(): void {
    const { maxSequences, maxCost } = this.model.limits;
    const mostResident = maxSequences * (this.options.residentFactor ?? RESIDENT_FACTOR);
    let places = maxSequences - this.#ready().length;
    const now = this.#clock.now();
    for (let next = this.#line.head(now); next !== undefined; next = this.#line.head(now)) {
      if (places <= 0 || this.#resident.size >= mostResident || this.#cost + next.cost > maxCost) return;
      this.#line.shares.charge(this.#line.levelOf(next, now), next.tenant, next.cost, true);
      this.#expiry.remove(next);
      this.#line.remove(next);
      next.expiresAt = next.deadline;
      this.#expiry.add(next);
      next.joined(now);
      this.#resident.add(next);
      this.#cost += next.cost;
      this.#joined += 1;
      places -= 1;
    }
  }

  async #step(batch: readonly Sequence<Input, Piece>[]): Promise<void> {
    const startedAt = this.#clock.now();
    let outcome: StepEvent['outcome'] = 'ok';
    const cost = this.#cost;
    try {
      const turns = batch.map(({ id, input, turns: step }) => ({ id, input, step }));
      const outputs = await this.model.doStep(turns, this.#stopped.signal);
      if (outputs.length !== batch.length) {
        throw new RangeError(`${this.model.modelId} advanced ${outputs.length} of ${batch.length} sequences`);
      }
      const computeMs = this.#clock.now() - startedAt;
      batch.forEach((sequence, index) => {
        sequence.stepped(batch.length, computeMs);
        this.#take(sequence, outputs[index]);
      });
    } catch (error) {
      outcome = WorkerLost.is(error) ? 'worker-lost' : 'failed';
      for (const sequence of batch) this.#lose(sequence, error);
    }
    const { modelId, variant } = this.model;
    const computeMs = this.#clock.now() - startedAt;
    const joined = this.#joined;
    this.#joined = 0;
    this.options.onStep?.({ modelId, variant, sequences: batch.length, cost, joined, computeMs, outcome });
  }

  #take(sequence: Sequence<Input, Piece>, output: StepOutput<Piece> | undefined): void {
    if (output === undefined || sequence.ended) return;
    if (output.kind === 'failed') {
      this.#lose(sequence, output.error);
      return;
    }
    sequence.push(output.pieces);
    if (output.kind === 'done') {
      this.#leave(sequence);
      sequence.finish();
      return;
    }
    this.#resident.delete(sequence);
    this.#resident.add(sequence); // behind those that have waited for a place in a step
    if (sequence.buffered >= (this.options.maxBuffered ?? MAX_BUFFERED)) this.#pause(sequence);
  }

  /** State is gone. What has shown nothing yet may begin anew, once. */
  #lose(sequence: Sequence<Input, Piece>, error: unknown): void {
    if (sequence.ended) return;
    if (!WorkerLost.is(error) || sequence.hasShown || sequence.losses > 0) {
      this.#end(sequence, WorkerLost.is(error) ? lostItsWorker(error) : error);
      return;
    }
    sequence.losses += 1;
    sequence.turns = 0;
    this.#leave(sequence);
    this.#line.add(sequence);
    this.#expiry.add(sequence);
  }

  #pause(sequence: Sequence<Input, Piece>): void {
    const since = this.#clock.now();
    sequence.pausedSince = since;
    const maxPauseMs = this.options.maxPauseMs ?? MAX_PAUSE_MS;
    this.#expiry.remove(sequence);
    sequence.expiresAt = Math.min(sequence.deadline, since + maxPauseMs);
    this.#expiry.add(sequence);
  }

  #onRead(sequence: Sequence<Input, Piece>): void {
    if (sequence.pausedSince === undefined || !this.#resident.has(sequence)) return;
    sequence.pausedSince = undefined;
    this.#expiry.remove(sequence);
    sequence.expiresAt = sequence.deadline;
    this.#expiry.add(sequence);
    this.#wake();
  }

  #expire(sequence: Sequence<Input, Piece>): void {
    const paused = sequence.pausedSince !== undefined && sequence.expiresAt !== sequence.deadline;
    this.#end(
      sequence,
      paused
        ? new DomainError('cancelled', 'Nobody read what the sequence had written')
        : new DomainError('deadline_exceeded', 'The time for the sequence has passed'),
    );
  }

  #end(sequence: Sequence<Input, Piece>, error: unknown): void {
    if (sequence.ended) return;
    this.#expiry.remove(sequence);
    this.#line.remove(sequence);
    if (this.#resident.has(sequence)) this.#leave(sequence);
    sequence.fail(error);
    if (this.#line.size > 0) this.#wake(); // its room may be what another waits for
  }

  #leave(sequence: Sequence<Input, Piece>): void {
    this.#resident.delete(sequence);
    this.#expiry.remove(sequence);
    this.#cost -= sequence.cost;
    if (this.#resident.size === 0) this.#cost = 0; // sums of fractions do not come back to 0 by themselves
    const stayedMs = this.#clock.now() - sequence.enteredAt - sequence.execution().queueMs;
    this.#stayMs = this.#stayMs === 0 ? stayedMs : this.#stayMs + SMOOTHING * (stayedMs - this.#stayMs);
    this.model.release(sequence.id);
  }

  #stopping(): DomainError {
    return new DomainError('unavailable', `${this.model.modelId} is stopping`);
  }
}

function lostItsWorker(lost: WorkerLost): DomainError {
  const message = 'The worker that held the sequence was lost';
  return new DomainError('unavailable', message, { cause: lost });
}
