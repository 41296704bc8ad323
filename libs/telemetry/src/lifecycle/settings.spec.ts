import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.js';

const ENTRY = join(import.meta.dirname, 'settings.ts');

describe('readSettings', () => {
  it('names the service after the package of the entry file', () => {
    expect(readSettings({}, ENTRY)).toMatchObject({
      service: 'telemetry',
      version: '0.1.0',
      exporters: [],
      sampleRatio: 1,
    });
  });

  it('lets TRIVIUM_SERVICE win', () => {
    expect(readSettings({ TRIVIUM_SERVICE: 'router' }, ENTRY).service).toBe('router');
  });

  it.each([
    ['jaeger', ['jaeger']],
    ['otlp', ['otlp']],
    ['both', ['jaeger', 'otlp']],
    ['none', []],
    ['', []],
    ['toString', []],
  ])('TRACE_EXPORTER=%s', (value, exporters) => {
    expect(readSettings({ TRACE_EXPORTER: value }, ENTRY).exporters).toEqual(exporters);
  });

  it('falls back where a value is unusable, as the service itself will refuse it by name', () => {
    const settings = readSettings(
      { TRACE_SAMPLE_RATIO: '7', OTEL_EXPORTER_JAEGER_ENDPOINT: 'nowhere', LOG_LEVEL: 'loud' },
      ENTRY,
    );

    expect(settings).toMatchObject({
      sampleRatio: 1,
      jaegerEndpoint: 'http://localhost:14268/api/traces',
      logLevel: undefined,
    });
  });
});
