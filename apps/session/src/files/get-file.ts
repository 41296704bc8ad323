import { Inject, Injectable } from '@nestjs/common';
import type { StoredFile } from '@trivium/contracts/session';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';
import { FILE_COLUMNS, UNEXPIRED } from './file-row.js';

const GET = `SELECT ${FILE_COLUMNS} FROM session.file WHERE tenant = $1 AND id = $2 AND ${UNEXPIRED}`;

@Injectable()
export class GetFile {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute({ fileId }: { readonly fileId: string }, tenant: string): Promise<StoredFile> {
    const [file] = await this.database.query<StoredFile>(GET, [tenant, fileId]);
    if (file === undefined) throw notFound('file');
    return file;
  }
}
