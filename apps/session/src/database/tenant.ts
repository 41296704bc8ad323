import { DomainError } from '@trivium/contracts';
import type { CallContext } from '@trivium/messaging';

/** Whose rows a call may touch. A call on nobody's behalf has none. */
export function tenantOf(context: CallContext): string {
  if (context.tenant === '') throw new DomainError('invalid_request', 'The call names no tenant');
  return context.tenant;
}
