import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import type { verifyKey } from '@trivium/contracts/session';
import { Database } from '../database/database.js';

/** The one statement without a tenant: this is where the tenant comes from. */
const VERIFY = `
  SELECT id AS "keyId", tenant, name, scopes FROM session.api_key
  WHERE hash = decode($1, 'hex') AND revoked_at IS NULL`;

@Injectable()
export class VerifyKey {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute({ hash }: ParsedRequestOf<typeof verifyKey>): Promise<ReplyOf<typeof verifyKey>> {
    const [key] = await this.database.query<ReplyOf<typeof verifyKey>>(VERIFY, [hash]);
    if (key === undefined) throw new DomainError('invalid_api_key', 'The API key is unknown or revoked');
    return key;
  }
}
