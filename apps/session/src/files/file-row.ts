import { UNIX_SECONDS } from '../database/page.js';

/** Columns of `session.file` in the shape of the contract's `StoredFile`. */
export const FILE_COLUMNS = `
  id, filename, media_type AS "mediaType", purpose, size::float8 AS size,
  encode(sha256, 'hex') AS sha256, ${UNIX_SECONDS('created_at')} AS "createdAt",
  ${UNIX_SECONDS('expires_at')} AS "expiresAt"`;

/** A file past its time is gone for every reader, before the sweep as after it. */
export const UNEXPIRED = `(expires_at IS NULL OR expires_at > now())`;

/** Content is kept in pieces, so that neither side ever builds a huge value. */
export const CHUNK_BYTES = 1024 * 1024;
