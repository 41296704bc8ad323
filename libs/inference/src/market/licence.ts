import { DomainError } from '@trivium/contracts';
import type { ModelManifest } from '@trivium/contracts/model-manifest';

/**
 * Weights that may not be used commercially, or of which nobody knows it, come only to those who say
 * that they know. Throws `permission_denied` that names the licence.
 */
export function checkLicence(
  { id, licence, commercial_use: commercialUse }: Pick<ModelManifest, 'id' | 'licence' | 'commercial_use'>,
  allowNonCommercial: boolean,
): void {
  if (commercialUse === true || allowNonCommercial) return;
  const reason =
    commercialUse === false
      ? 'which does not allow commercial use'
      : 'and whether it allows commercial use is not known';
  throw new DomainError(
    'permission_denied',
    `The licence of '${id}' is ${licence}, ${reason}. ` +
      'To take it all the same, ask with allow_non_commercial (trivium models pull --allow-non-commercial).',
    { param: 'allow_non_commercial', details: { licence } },
  );
}
