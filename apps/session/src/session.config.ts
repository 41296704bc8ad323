import { z } from 'zod';

const milliseconds = z.coerce.number().int().positive();
const bytes = z.coerce.number().int().nonnegative();

/** What it takes to reach PostgreSQL: all that the migration job needs. */
export const databaseConfig = z.object({
  DATABASE_URL: z.string().min(1).describe('PostgreSQL connection string').meta({ secret: true }),
  SESSION_POOL_SIZE: z.coerce
    .number()
    .int()
    .min(2)
    .default(10)
    .describe('connections of one replica at most'),
  SESSION_CONNECT_TIMEOUT_MS: milliseconds
    .default(2_000)
    .describe('wait for a connection, new or free, before answering unavailable'),
  SESSION_STATEMENT_TIMEOUT_MS: milliseconds.default(5_000).describe('one statement may run this long'),
  SESSION_IDLE_IN_TRANSACTION_MS: milliseconds
    .default(10_000)
    .describe('a transaction that idles longer is ended by the server'),
});
export type DatabaseConfig = Readonly<z.output<typeof databaseConfig>>;

export const sessionConfig = databaseConfig.extend({
  TRIVIUM_API_KEY: z
    .string()
    .min(16)
    .optional()
    .describe('its hash is kept as a key of tenant `default` with scope `admin`')
    .meta({ secret: true }),
  SESSION_FILE_MAX_BYTES: bytes.default(64 * 1024 * 1024).describe('largest file accepted'),
  SESSION_TENANT_FILE_BYTES: bytes.default(0).describe('sum of the files of one tenant; 0 sets no limit'),
  SESSION_FILE_SWEEP_MS: milliseconds.default(60_000).describe('pause between sweeps for expired files'),
  SESSION_OUTBOX_POLL_MS: milliseconds
    .default(5_000)
    .describe('look for undelivered events this often, beside being told of new ones'),
});
export type SessionConfig = Readonly<z.output<typeof sessionConfig>>;

/** Injection token of the parsed configuration. */
export const SESSION_CONFIG = Symbol('session.config');
