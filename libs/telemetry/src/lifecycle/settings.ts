import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LOG_LEVELS, type LogLevel } from '../logging/logger.js';

const EXPORTERS = { jaeger: ['jaeger'], otlp: ['otlp'], both: ['jaeger', 'otlp'], none: [] } as const;

/** What the preload reads before the service's own configuration exists. */
export interface TelemetrySettings {
  readonly service: string;
  readonly version: string;
  readonly revision: string;
  readonly environment: string;
  readonly exporters: readonly ('jaeger' | 'otlp')[];
  readonly jaegerEndpoint: string;
  readonly otlpEndpoint: string;
  readonly sampleRatio: number;
  readonly logLevel: LogLevel | undefined;
}

/**
 * Unusable values fall back to the defaults here: the service's configuration is checked as a whole
 * a moment later, and names them all.
 */
export function readSettings(env: NodeJS.ProcessEnv, entry: string | undefined): TelemetrySettings {
  const own = packageOf(entry);
  const exporter = env['TRACE_EXPORTER'] || 'none';
  return {
    service: env['TRIVIUM_SERVICE'] || own.name,
    version: own.version,
    revision: env['TRIVIUM_REVISION'] || 'unknown',
    environment: env['DEPLOYMENT_ENVIRONMENT'] || 'development',
    exporters: isExporter(exporter) ? EXPORTERS[exporter] : [],
    jaegerEndpoint: url(env['OTEL_EXPORTER_JAEGER_ENDPOINT'], 'http://localhost:14268/api/traces'),
    otlpEndpoint: url(env['OTEL_EXPORTER_OTLP_ENDPOINT'], 'http://localhost:4318'),
    sampleRatio: ratio(env['TRACE_SAMPLE_RATIO']),
    logLevel: LOG_LEVELS.find((level) => level === env['LOG_LEVEL']),
  };
}

const isExporter = (value: string): value is keyof typeof EXPORTERS => Object.hasOwn(EXPORTERS, value);

const url = (value: string | undefined, otherwise: string): string =>
  value !== undefined && URL.canParse(value) ? value : otherwise;

function ratio(value: string | undefined): number {
  const number = value === undefined || value === '' ? 1 : Number(value);
  return number >= 0 && number <= 1 ? number : 1;
}

/** Name (without scope) and version of the package that the entry file belongs to. */
function packageOf(entry: string | undefined): { readonly name: string; readonly version: string } {
  for (let folder = dirname(entry ?? '/'); ; folder = dirname(folder)) {
    const found = readPackage(folder);
    if (found !== undefined) return found;
    if (folder === dirname(folder)) return { name: 'unknown_service', version: '0.0.0' };
  }
}

function readPackage(folder: string): { readonly name: string; readonly version: string } | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    if (typeof name !== 'string') return undefined;
    return {
      name: name.slice(name.indexOf('/') + 1),
      version: typeof version === 'string' ? version : '0.0.0',
    };
  } catch {
    return undefined;
  }
}
