import { z } from 'zod';

/**
 * Evidence has the same names here and in the answer of the HTTP API, because what is signed may not
 * be renamed on its way.
 */
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A field as a commitment: without its salt the value cannot be guessed from the hash. */
const Commitment = z.object({ name: z.string(), sha256: Sha256 });

export const EvidenceStatement = z.object({
  type: z.literal('trivium-evidence'),
  version: z.literal(1),
  product: z.object({ name: z.literal('trivium'), version: z.string() }),
  /** ISO 8601 in UTC. */
  issued_at: z.string(),
  /** The day that the rules took for today. */
  day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  inputs: z.array(
    z.object({
      role: z.enum(['document', 'portrait']),
      media_type: z.string(),
      bytes: z.int().nonnegative(),
      sha256: Sha256,
    }),
  ),
  kind: z.object({ value: z.string().nullable(), confidence: z.number() }),
  fields: z.array(Commitment),
  checks: z.array(z.object({ id: z.string(), status: z.string(), inputs: z.array(Commitment) })),
  quality: z.array(
    z.object({ id: z.string(), status: z.string(), value: z.number(), threshold: z.number() }),
  ),
  face: z.object({
    outcome: z.string(),
    distance: z.number().nullable(),
    threshold: z.number().nullable(),
    false_accept_rate: z.number().nullable(),
  }),
  /** Readings below `doubtful` need a second look; from `certain` on they count against the document. */
  thresholds: z.object({ doubtful: z.number(), certain: z.number() }),
  /** `sha256` where the service that ran it tells. */
  models: z.array(
    z.object({ id: z.string(), variant: z.string(), placement: z.string(), sha256: Sha256.nullable() }),
  ),
  verdict: z.enum(['PASS', 'REVIEW', 'REJECT']),
  reasons: z.array(z.string()),
});
export type EvidenceStatement = z.output<typeof EvidenceStatement>;

export const Evidence = z.object({
  statement: EvidenceStatement,
  /** Whoever holds the answer can show that a field is the one that was signed; nobody else can. */
  openings: z.array(z.object({ name: z.string(), salt: z.string() })),
  signature: z.object({
    algorithm: z.literal('Ed25519'),
    /** The first 16 hex digits of the SHA-256 of the public key's 32 bytes. */
    key_id: z.string().regex(/^[0-9a-f]{16}$/),
    /** 32 bytes in base64url. */
    public_key: z.string(),
    /** 64 bytes in base64url, over the statement as canonical JSON (RFC 8785). */
    value: z.string(),
  }),
});
export type Evidence = z.output<typeof Evidence>;
