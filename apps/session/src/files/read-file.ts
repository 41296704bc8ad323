import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type ReplyOf } from '@trivium/contracts';
import type { readFile, StoredFile } from '@trivium/contracts/session';
import { type CallContext, type Messaging, MESSAGING } from '@trivium/messaging';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';
import { tenantOf } from '../database/tenant.js';
import { GetFile } from './get-file.js';

const CHUNK = `
  SELECT bytes FROM session.file_chunk WHERE tenant = $1 AND file_id = $2 AND position = $3`;

@Injectable()
export class ReadFile {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(GetFile) private readonly getFile: GetFile,
    @Inject(MESSAGING) private readonly messaging: Messaging,
  ) {}

  async execute(
    request: { readonly fileId: string },
    context: CallContext,
  ): Promise<ReplyOf<typeof readFile>> {
    const tenant = tenantOf(context);
    const file = await this.getFile.execute(request, tenant);
    const bytes = await this.#read(file, tenant, context.signal);
    return { file, content: await this.messaging.blobs.put(bytes, file.mediaType) };
  }

  async #read(file: StoredFile, tenant: string, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(file.size);
    let filled = 0;
    for (let position = 0; filled < file.size; position += 1) {
      signal.throwIfAborted();
      const [chunk] = await this.database.query<{ bytes: Buffer }>(CHUNK, [tenant, file.id, position]);
      // Deleted while it was read.
      if (chunk === undefined) throw notFound('file');
      filled += chunk.bytes.copy(bytes, filled);
    }
    if (createHash('sha256').update(bytes).digest('hex') !== file.sha256) {
      throw new DomainError('internal', 'The stored content does not match its checksum', {
        details: { fileId: file.id },
      });
    }
    return bytes;
  }
}
