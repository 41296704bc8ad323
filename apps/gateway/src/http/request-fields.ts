import type { HeldBytes } from './body-budget.js';
import type { VerifiedKey } from '../keys/verified-key.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Monotonic milliseconds at which the request's head was read. */
    arrivedAt: number;
    /** Who asks; nobody on public routes. */
    verifiedKey: VerifiedKey;
    /** What its body takes of the memory for bodies; absent where none is read. */
    heldBytes: HeldBytes | undefined;
  }
}

export const NOBODY: VerifiedKey = Object.freeze({ keyId: '', tenant: '', scopes: [] });
