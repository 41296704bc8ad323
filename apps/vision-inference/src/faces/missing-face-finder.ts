import type { FaceFinder } from './face-finder.js';

/** Stands where the face networks should be when their pack is not there: every request learns why. */
export class MissingFaceFinder implements FaceFinder {
  readonly variant = 'fp32';
  readonly placement = 'cpu';
  readonly ready = false;
  readonly memoryBytes = 0;
  readonly descriptorSha256 = '';

  constructor(
    readonly modelId: string,
    private readonly failure: unknown,
  ) {}

  get startFailure(): unknown {
    return this.failure;
  }

  estimatedWaitMs(): number {
    return 0;
  }

  async start(): Promise<never> {
    throw this.failure;
  }

  async find(): Promise<never> {
    throw this.failure;
  }

  async describe(): Promise<never> {
    throw this.failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing was started.
  }
}
