import type { TextSpotter } from './text-spotter.js';

/** Stands where a model should be whose pack is not there: every request learns why. */
export class MissingTextSpotter implements TextSpotter {
  readonly variant = 'fp32';
  readonly placement = 'cpu';
  readonly ready = false;
  readonly memoryBytes = 0;

  constructor(
    readonly modelId: string,
    private readonly failure: unknown,
  ) {}

  get startFailure(): unknown {
    return this.failure;
  }

  open(): never {
    throw this.failure;
  }

  estimatedWaitMs(): number {
    return 0;
  }

  async start(): Promise<never> {
    throw this.failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing was started.
  }
}
