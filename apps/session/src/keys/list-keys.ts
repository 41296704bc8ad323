import { Inject, Injectable } from '@nestjs/common';
import type { ReplyOf } from '@trivium/contracts';
import type { listKeys } from '@trivium/contracts/session';
import { Database } from '../database/database.js';
import { UNIX_SECONDS } from '../database/page.js';

type Keys = ReplyOf<typeof listKeys>['keys'];

const LIST = `
  SELECT id AS "keyId", name, scopes, ${UNIX_SECONDS('created_at')} AS "createdAt",
         ${UNIX_SECONDS('revoked_at')} AS "revokedAt"
  FROM session.api_key WHERE tenant = $1 ORDER BY created_at DESC, id DESC LIMIT 1000`;

@Injectable()
export class ListKeys {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(tenant: string): Promise<ReplyOf<typeof listKeys>> {
    return { keys: await this.database.query<Keys[number]>(LIST, [tenant]) };
  }
}
