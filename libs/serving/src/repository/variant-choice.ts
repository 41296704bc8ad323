import { DomainError } from '@trivium/contracts';
import { type ModelManifest, Variant } from '@trivium/contracts/model-manifest';

export interface VariantQuestion {
  readonly model: string;
  readonly requested?: Variant | undefined;
  readonly policy: ModelManifest['variant_policy'];
  /** Variants that the version has files for. */
  readonly available: readonly Variant[];
  /** What a request in the queue of the default variant would wait now. */
  readonly estimatedWaitMs: number;
  /** What the last request without a variant got. */
  readonly current?: Variant | undefined;
}

export interface VariantChoice {
  readonly variant: Variant;
  readonly by: 'request' | 'policy' | 'load';
}

/**
 * Which precision answers. The policy's default, or the first that exists in the order fp32, fp16, int8,
 * int4. Under load the policy's other variant takes over once the estimated wait exceeds
 * `above_queue_ms`, and gives back once it is down to `below_queue_ms`; between the two nothing changes.
 * Throws `model_not_found` (`param: variant`) for a requested variant that the version does not have.
 */
export function chooseVariant(question: VariantQuestion): VariantChoice {
  const { model, requested, policy, available, estimatedWaitMs, current } = question;
  if (requested !== undefined) {
    if (available.includes(requested)) return { variant: requested, by: 'request' };
    throw new DomainError(
      'model_not_found',
      `${model} has no variant ${requested}; it has: ${available.join(', ') || 'none'}`,
      { param: 'variant' },
    );
  }
  const { under_load: load } = policy;
  if (load !== undefined && available.includes(load.variant)) {
    const switched = current === load.variant;
    const stays = switched && estimatedWaitMs > load.below_queue_ms;
    if (stays || estimatedWaitMs > load.above_queue_ms) return { variant: load.variant, by: 'load' };
  }
  const usual = available.includes(policy.default)
    ? policy.default
    : Variant.options.find((variant) => available.includes(variant));
  if (usual === undefined) throw new DomainError('model_not_available', `${model} has no model file`);
  return { variant: usual, by: 'policy' };
}
