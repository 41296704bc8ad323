import { Random } from '../invoice/random.js';
import { composeCertificate, FORGERIES } from './compose-certificate.js';
import { type Condition, FAULT_OF } from './conditions.js';
import {
  type CertificateLayout,
  type CertificateTruth,
  type ComposedCertificate,
  type Forgery,
  LAYOUTS,
} from './specification.js';

export interface CertificatePlan {
  readonly seed: number;
  readonly layout: CertificateLayout;
  readonly forgery: Forgery | null;
  readonly condition: Condition;
}

const JUDGEABLE = ['clean', 'mild', 'mild', 'hard'] as const;
const SPOILT = ['blurred', 'glare', 'dark', 'screen', 'small'] as const;

/** Layouts in turn; of ten certificates five are honest, three forged, two badly photographed. */
export function planCertificates(count: number, firstSeed: number): CertificatePlan[] {
  return Array.from({ length: count }, (_, index) => {
    const seed = firstSeed + index;
    const random = new Random(seed * 7919);
    const layout = LAYOUTS[index % LAYOUTS.length] ?? LAYOUTS[0];
    const lot = random.next();
    const forged = lot >= 0.5 && lot < 0.8;
    return {
      seed,
      layout,
      forgery: forged ? random.pick<Forgery>(FORGERIES[layout]) : null,
      condition: lot < 0.8 ? random.pick(JUDGEABLE) : random.pick(SPOILT),
    };
  });
}

export interface PlannedCertificate extends Pick<ComposedCertificate, 'specification'> {
  readonly truth: CertificateTruth;
}

export function carryOut(
  { seed, layout, forgery, condition }: CertificatePlan,
  file: string,
): PlannedCertificate {
  const { specification, fields, verdict, reason } = composeCertificate(seed, layout, forgery);
  const fault = FAULT_OF[condition];
  const { kind } = specification;
  const judged = fault === null ? { verdict, reason } : { verdict: 'REVIEW' as const, reason: fault };
  return { specification, truth: { file, layout, kind, condition: forgery ?? condition, fields, ...judged } };
}
