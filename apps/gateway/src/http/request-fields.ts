import type { VerifiedKey } from '../keys/verified-key.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Monotonic milliseconds at which the request's head was read. */
    arrivedAt: number;
    /** Who asks; nobody on public routes. */
    verifiedKey: VerifiedKey;
  }
}

export const NOBODY: VerifiedKey = Object.freeze({ keyId: '', tenant: '', scopes: [] });
