import type { Caller } from '@trivium/inference';
import type { Encoder } from './encoder.js';
import { Recent } from './recent.js';
import { writeUnit } from './vectors.js';

/** Examples of some hundred sets of intents. */
const MOST_VECTORS = 8_192;
/** Nobody's deadline ends work that is done for all who come after. */
const EXAMPLE_DEADLINE_MS = 30_000;

/** Vectors of example phrases, each embedded once for as long as it is used. */
export class ExampleVectors {
  readonly #vectors = new Recent<string, Promise<Float32Array>>(MOST_VECTORS);

  /** Settles even when the caller has left meanwhile; a failure is not kept. */
  vector(encoder: Encoder, text: string, caller: Caller, param: string): Promise<Float32Array> {
    const key = `${encoder.digest} ${text}`;
    const known = this.#vectors.get(key);
    if (known !== undefined) return known;
    const made = this.#embed(encoder, text, caller, param);
    this.#vectors.set(key, made);
    made.catch(() => this.#vectors.forget(key, made));
    return made;
  }

  async #embed(encoder: Encoder, text: string, caller: Caller, param: string): Promise<Float32Array> {
    const sequence = encoder.text(text, undefined, true, param);
    const { values } = await encoder.encode(sequence, {
      tenant: caller.tenant,
      requestId: caller.requestId,
      priority: 'batch',
      signal: AbortSignal.timeout(EXAMPLE_DEADLINE_MS),
      remaining: () => EXAMPLE_DEADLINE_MS,
    });
    const vector = new Float32Array(values.length);
    writeUnit(values, vector);
    return vector;
  }
}
