import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Evidence, EvidenceStatement } from '@trivium/contracts/evidence';
import { canonicalJson } from './canonical-json.js';

const RAW_KEY_BYTES = 32;

/** The 32 bytes of an Ed25519 public key in base64url. */
export function rawPublicKey(key: KeyObject): string {
  const { crv, x } = key.export({ format: 'jwk' });
  if (crv !== 'Ed25519' || x === undefined) throw new TypeError('The key is not an Ed25519 key');
  return x;
}

/** The first 16 hex digits of the SHA-256 of the 32 bytes. */
export function keyIdOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 16);
}

export function signStatement(statement: EvidenceStatement, privateKey: KeyObject): Evidence['signature'] {
  const publicKey = rawPublicKey(createPublicKey(privateKey));
  const value = sign(null, Buffer.from(canonicalJson(statement), 'utf8'), privateKey);
  return {
    algorithm: 'Ed25519',
    key_id: keyIdOf(publicKey),
    public_key: publicKey,
    value: value.toString('base64url'),
  };
}

/** Whether the statement is the one that the key in the signature signed. Whose key that is, is another question. */
export function isSignedBy(
  statement: unknown,
  { public_key: publicKey, key_id: keyId, value }: Evidence['signature'],
): boolean {
  const raw = Buffer.from(publicKey, 'base64url');
  if (raw.byteLength !== RAW_KEY_BYTES || keyIdOf(publicKey) !== keyId) return false;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  const bytes = Buffer.from(canonicalJson(statement), 'utf8');
  return verify(null, bytes, key, Buffer.from(value, 'base64url'));
}
