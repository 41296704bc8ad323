import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { createKey } from '@trivium/contracts/session';
import { Database } from '../database/database.js';
import { newId } from '../database/identifier.js';

const CREATE = `
  INSERT INTO session.api_key (tenant, id, hash, name, scopes)
  VALUES ($1, $2, decode($3, 'hex'), $4, $5)
  ON CONFLICT (hash) DO NOTHING
  RETURNING id AS "keyId"`;

const EXISTING = `SELECT id AS "keyId" FROM session.api_key WHERE tenant = $1 AND hash = decode($2, 'hex')`;

/** Once per hash: a repeat answers the key that is there, revoked or not. */
@Injectable()
export class CreateKey {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute({
    hash,
    tenant,
    name,
    scopes,
  }: ParsedRequestOf<typeof createKey>): Promise<ReplyOf<typeof createKey>> {
    if (tenant === '') {
      throw new DomainError('invalid_request', 'A key belongs to a tenant', { param: 'tenant' });
    }
    const [created] = await this.database.query<{ keyId: string }>(CREATE, [
      tenant,
      newId('key'),
      hash,
      name,
      scopes,
    ]);
    if (created !== undefined) return { keyId: created.keyId, created: true };
    const [existing] = await this.database.query<{ keyId: string }>(EXISTING, [tenant, hash]);
    if (existing !== undefined) return { keyId: existing.keyId, created: false };
    throw new DomainError('invalid_request', 'This key belongs to another tenant', { param: 'hash' });
  }
}
