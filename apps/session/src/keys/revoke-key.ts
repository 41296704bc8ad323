import { Inject, Injectable } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { revokeKey } from '@trivium/contracts/session';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';

/** A key revoked before keeps its moment. */
const REVOKE = `
  UPDATE session.api_key SET revoked_at = coalesce(revoked_at, now())
  WHERE tenant = $1 AND id = $2
  RETURNING id AS "keyId"`;

@Injectable()
export class RevokeKey {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { keyId }: ParsedRequestOf<typeof revokeKey>,
    tenant: string,
  ): Promise<ReplyOf<typeof revokeKey>> {
    const [revoked] = await this.database.query<{ keyId: string }>(REVOKE, [tenant, keyId]);
    if (revoked === undefined) throw notFound('key');
    return { keyId: revoked.keyId, revoked: true };
  }
}
