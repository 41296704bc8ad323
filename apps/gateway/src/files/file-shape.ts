import { StoredFile } from '@trivium/contracts/session';
import { z } from 'zod';

const Purpose = StoredFile.shape.purpose;

export const File = z
  .strictObject({
    id: z.string(),
    object: z.literal('file'),
    bytes: z.int(),
    created_at: z.int(),
    expires_at: z.int().nullable(),
    filename: z.string(),
    purpose: Purpose,
    status: z.literal('processed'),
  })
  .meta({ id: 'File' });

export const FilePage = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(File),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .meta({ id: 'FileList' });

export const DeletedFile = z
  .strictObject({ id: z.string(), object: z.literal('file'), deleted: z.boolean() })
  .meta({ id: 'DeletedFile' });

const HOUR_S = 3_600;
const MONTH_S = 30 * 24 * HOUR_S;

export const UploadFields = z.strictObject({
  purpose: Purpose,
  'expires_after[anchor]': z.literal('created_at').optional(),
  'expires_after[seconds]': z.coerce.number().int().min(HOUR_S).max(MONTH_S).optional(),
});

export const FilePageQuery = z.strictObject({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
  purpose: Purpose.optional(),
});

export function showFile(file: StoredFile): z.output<typeof File> {
  return {
    id: file.id,
    object: 'file',
    bytes: file.size,
    created_at: file.createdAt,
    expires_at: file.expiresAt,
    filename: file.filename,
    purpose: file.purpose,
    status: 'processed',
  };
}

export function showFilePage(files: readonly StoredFile[], hasMore: boolean): z.output<typeof FilePage> {
  const data = files.map(showFile);
  return {
    object: 'list',
    data,
    first_id: data.at(0)?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}
