import { defineConfig } from '@trivium/platform';
import { z } from 'zod';

const MIB = 1024 * 1024;

/** What a form may hold beside its file. */
const FORM_ALLOWANCE_BYTES = 2 * MIB;

const milliseconds = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const bytes = (fallback: number) => z.coerce.number().int().positive().default(fallback);

export const gatewayConfig = defineConfig({
  HOST: z.string().min(1).default('0.0.0.0').describe('address the HTTP port listens on'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('HTTP port; 0 takes any free one'),
  GRPC_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(50_051)
    .describe('port of the Open Inference Protocol over gRPC; 0 takes any free one'),
  TRIVIUM_API_KEY: z
    .string()
    .min(16)
    .optional()
    .describe('a key that always works, for tenant default with every scope; needs no database')
    .meta({ secret: true }),
  GATEWAY_TLS_KEY: z
    .string()
    .optional()
    .describe(
      'PEM private key (usually through GATEWAY_TLS_KEY_FILE); with the certificate it turns on HTTP/2',
    )
    .meta({ secret: true }),
  GATEWAY_TLS_CERT: z
    .string()
    .optional()
    .describe('PEM certificate chain (usually through GATEWAY_TLS_CERT_FILE)'),
  GATEWAY_BODY_LIMIT_BYTES: bytes(32 * MIB).describe(
    'largest JSON body, tensors behind it included, and largest message over gRPC',
  ),
  GATEWAY_FILE_LIMIT_BYTES: bytes(64 * MIB).describe('largest uploaded file'),
  GATEWAY_BODY_BUDGET_BYTES: bytes(256 * MIB).describe(
    'bodies received or worked on at one time, all together; each byte takes about three of memory',
  ),
  GATEWAY_REQUEST_TIMEOUT_MS: milliseconds(120_000).describe(
    'time a request may take unless X-Request-Timeout-Ms says otherwise',
  ),
  GATEWAY_STREAM_TIMEOUT_MS: milliseconds(600_000).describe('the same for streamed answers'),
  GATEWAY_MAX_TIMEOUT_MS: milliseconds(900_000).describe('most that X-Request-Timeout-Ms may ask for'),
  GATEWAY_FIRST_TOKEN_TIMEOUT_MS: milliseconds(120_000).describe(
    'how long a streamed answer may take to begin',
  ),
  GATEWAY_IDLE_TIMEOUT_MS: milliseconds(60_000).describe(
    'how long a streamed answer may pause once it has begun',
  ),
  GATEWAY_HEARTBEAT_MS: milliseconds(10_000).describe('silence after which a stream carries a comment'),
  GATEWAY_STALL_TIMEOUT_MS: milliseconds(30_000).describe(
    'how long a reader may take nothing before its stream is cut',
  ),
  GATEWAY_REQUESTS_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(0)
    .default(6_000)
    .describe('requests per key and minute; 0 switches the limit off'),
  GATEWAY_KEY_FRESH_MS: milliseconds(60_000).describe('how long a verified key is believed without asking'),
  GATEWAY_KEY_STALE_MS: milliseconds(24 * 3_600_000).describe(
    'how long a verified key is believed while nobody can be asked',
  ),
  GATEWAY_METRICS: z
    .enum(['ops', 'both'])
    .default('ops')
    .describe('where /metrics answers: the ops port alone, or the public port too'),
})
  .refine(
    ({ GATEWAY_TLS_KEY: key, GATEWAY_TLS_CERT: cert }) => (key === undefined) === (cert === undefined),
    { path: ['GATEWAY_TLS_KEY'], message: 'GATEWAY_TLS_KEY and GATEWAY_TLS_CERT go together' },
  )
  .refine(
    ({ GATEWAY_BODY_BUDGET_BYTES: budget, GATEWAY_BODY_LIMIT_BYTES: json, GATEWAY_FILE_LIMIT_BYTES: file }) =>
      budget >= Math.max(json, file + FORM_ALLOWANCE_BYTES),
    { path: ['GATEWAY_BODY_BUDGET_BYTES'], message: 'GATEWAY_BODY_BUDGET_BYTES must hold the largest body' },
  );

/** The largest bodies that are read, by what they hold. */
export function bodyLimits(config: GatewayConfig): {
  jsonBytes: number;
  fileBytes: number;
  formBytes: number;
} {
  const { GATEWAY_BODY_LIMIT_BYTES: jsonBytes, GATEWAY_FILE_LIMIT_BYTES: fileBytes } = config;
  return { jsonBytes, fileBytes, formBytes: fileBytes + FORM_ALLOWANCE_BYTES };
}

/** Nest injection token of the parsed configuration. */
export const GATEWAY_CONFIG = Symbol('GATEWAY_CONFIG');

export type GatewayConfig = z.output<typeof gatewayConfig>;
