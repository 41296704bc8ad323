import { DomainError } from '@trivium/contracts';
import type { z } from 'zod';

/** One thing that is wrong with a description, and where: `dynamic_batching.cost.unit`. */
export interface Fault {
  readonly param: string;
  readonly message: string;
}

/** Faults that one answer names; the rest are counted. */
const NAMED_FAULTS = 8;

/** `step[0].input_map.ids`; an empty path is the empty string. */
export function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** Every fault of an issue: an unknown key is named itself, a union by the branch that came nearest. */
export function faultsOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): Fault[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ param: pathOf([...path, key]), message: 'is not known' }));
  }
  if (issue.code === 'invalid_union') {
    const [nearest] = [...issue.errors].sort((one, other) => depthOf(other) - depthOf(one));
    const inner = nearest?.flatMap((one) => faultsOf(one, path)) ?? [];
    if (inner.length > 0) return inner;
  }
  return [{ param: pathOf(path), message: issue.message }];
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path, code }) => (code === 'unrecognized_keys' ? -1 : path.length)));
}

/** `invalid_request` that names every fault; its `param` is the first one's. */
export function faulty(subject: string, faults: readonly Fault[]): DomainError {
  const named = faults.slice(0, NAMED_FAULTS).map(({ param, message }) => `${param || subject}: ${message}`);
  const more = faults.length > NAMED_FAULTS ? `; and ${faults.length - NAMED_FAULTS} more` : '';
  return new DomainError('invalid_request', `${subject} is not valid: ${named.join('; ')}${more}`, {
    param: faults[0]?.param,
    details: { faults: faults.slice(0, NAMED_FAULTS) },
  });
}
