import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type ParsedRequestOf } from '@trivium/contracts';
import { sizeOfBinary } from '@trivium/contracts/content';
import type { putFile, StoredFile } from '@trivium/contracts/session';
import { type CallContext, type Messaging, MESSAGING } from '@trivium/messaging';
import { Database, type Queryable } from '../database/database.js';
import { newId } from '../database/identifier.js';
import { tenantOf } from '../database/tenant.js';
import { fileStored } from '../events.js';
import { SESSION_CONFIG, type SessionConfig } from '../session.config.js';
import { CHUNK_BYTES, FILE_COLUMNS } from './file-row.js';

const INSERT = `
  INSERT INTO session.file (tenant, id, filename, media_type, purpose, size, sha256, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8))
  RETURNING ${FILE_COLUMNS}`;

const INSERT_CHUNK = `
  INSERT INTO session.file_chunk (tenant, file_id, position, bytes) VALUES ($1, $2, $3, $4)`;

/** Uploads of one tenant are counted one after the other, or two could fit where one does. */
const LOCK_QUOTA = `SELECT pg_advisory_xact_lock(hashtextextended('session.file/' || $1, 0))`;
const USED = `SELECT coalesce(sum(size), 0)::float8 AS used FROM session.file WHERE tenant = $1`;

@Injectable()
export class PutFile {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(MESSAGING) private readonly messaging: Messaging,
    @Inject(SESSION_CONFIG) private readonly config: SessionConfig,
  ) {}

  async execute(
    { content, filename, purpose, expiresAt }: ParsedRequestOf<typeof putFile>,
    context: CallContext,
  ): Promise<StoredFile> {
    const tenant = tenantOf(context);
    const maxBytes = this.config.SESSION_FILE_MAX_BYTES;
    if (sizeOfBinary(content) > maxBytes) throw tooLarge(`A file may have ${maxBytes} bytes at most`);
    if (expiresAt !== null && expiresAt * 1000 <= Date.now()) {
      throw new DomainError('invalid_request', 'The file would expire in the past', { param: 'expiresAt' });
    }
    const bytes = await this.messaging.blobs.get(content, { maxBytes, signal: context.signal });
    const row = [
      tenant,
      newId('file'),
      filename,
      content.mediaType,
      purpose,
      bytes.byteLength,
      createHash('sha256').update(bytes).digest(),
      expiresAt,
    ];
    const file = await this.database.transaction(async (transaction) => {
      await this.#checkQuota(transaction, tenant, bytes.byteLength);
      return insertFile(transaction, row, bytes);
    });
    fileStored(file.size);
    return file;
  }

  async #checkQuota(transaction: Queryable, tenant: string, size: number): Promise<void> {
    const quota = this.config.SESSION_TENANT_FILE_BYTES;
    if (quota === 0) return;
    await transaction.query(LOCK_QUOTA, [tenant]);
    const [sum] = await transaction.query<{ used: number }>(USED, [tenant]);
    if ((sum?.used ?? 0) + size > quota) throw tooLarge(`All files together may have ${quota} bytes at most`);
  }
}

async function insertFile(
  transaction: Queryable,
  row: readonly unknown[],
  bytes: Uint8Array,
): Promise<StoredFile> {
  const [file] = await transaction.query<StoredFile>(INSERT, row);
  if (file === undefined) throw new Error('INSERT answered no row');
  const [tenant] = row;
  for (let position = 0; position * CHUNK_BYTES < bytes.byteLength; position += 1) {
    const chunk = bytes.subarray(position * CHUNK_BYTES, (position + 1) * CHUNK_BYTES);
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    await transaction.query(INSERT_CHUNK, [tenant, file.id, position, view]);
  }
  return file;
}

function tooLarge(message: string): DomainError {
  return new DomainError('payload_too_large', message, { param: 'content' });
}
