import { Inject, Injectable } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { listFiles, StoredFile } from '@trivium/contracts/session';
import { Database } from '../database/database.js';
import { cutPage, ORDER, unknownCursor } from '../database/page.js';
import { FILE_COLUMNS, UNEXPIRED } from './file-row.js';

const CURSOR = `SELECT 1 FROM session.file WHERE tenant = $1 AND id = $2`;

const page = (order: 'asc' | 'desc') => `
  SELECT ${FILE_COLUMNS} FROM session.file
  WHERE tenant = $1 AND ${UNEXPIRED} AND ($2::text IS NULL OR purpose = $2)
    AND ($3::text IS NULL OR (created_at, id) ${ORDER[order].beyond}
         (SELECT f.created_at, f.id FROM session.file f WHERE f.tenant = $1 AND f.id = $3))
  ORDER BY created_at ${ORDER[order].direction}, id ${ORDER[order].direction} LIMIT $4`;

const PAGE = { asc: page('asc'), desc: page('desc') };

@Injectable()
export class ListFiles {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { purpose, after, limit, order }: ParsedRequestOf<typeof listFiles>,
    tenant: string,
  ): Promise<ReplyOf<typeof listFiles>> {
    if (after !== undefined) {
      const [cursor] = await this.database.query(CURSOR, [tenant, after]);
      if (cursor === undefined) throw unknownCursor();
    }
    const found = await this.database.query<StoredFile>(PAGE[order], [
      tenant,
      purpose ?? null,
      after ?? null,
      limit + 1,
    ]);
    const { rows, hasMore } = cutPage(found, limit);
    return { files: rows, hasMore };
  }
}
