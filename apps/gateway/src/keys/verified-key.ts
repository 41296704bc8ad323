/** A key that was accepted; the key itself is not kept. */
export interface VerifiedKey {
  readonly keyId: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
}

/** Lets its bearer make and revoke keys. Every valid key may use the rest of the API. */
export const ADMIN_SCOPE = 'admin';
