import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';
import { UNEXPIRED } from './file-row.js';

const DELETE = `DELETE FROM session.file WHERE tenant = $1 AND id = $2 AND ${UNEXPIRED} RETURNING id`;

@Injectable()
export class DeleteFile {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { fileId }: { readonly fileId: string },
    tenant: string,
  ): Promise<{ id: string; deleted: boolean }> {
    const [deleted] = await this.database.query<{ id: string }>(DELETE, [tenant, fileId]);
    if (deleted === undefined) throw notFound('file');
    return { id: deleted.id, deleted: true };
  }
}
