import { emptyResource } from '@opentelemetry/resources';
import { describe, expect, it } from 'vitest';
import { GEN_AI_METRIC } from '../conventions/gen-ai.js';
import { createMeterProvider } from './meter-provider.js';
import { ScrapeReader } from './scrape-reader.js';

function setup() {
  const reader = new ScrapeReader();
  const provider = createMeterProvider(emptyResource(), reader, {
    service: 'router',
    version: '1.2.3',
    revision: 'abc',
  });
  return { reader, meter: provider.getMeter('test') };
}

describe('metrics text', () => {
  it('says what runs here', async () => {
    const { reader } = setup();

    expect(await reader.render()).toContain(
      'app_build_info{service="router",version="1.2.3",revision="abc"} 1\n',
    );
  });

  it('names units the way Prometheus does, once', async () => {
    const { reader, meter } = setup();
    meter.createHistogram('work.duration', { unit: 's' }).record(1);
    meter.createCounter('blob.size', { unit: 'By' }).add(5);
    meter.createCounter('waited_seconds', { unit: 's' }).add(2);
    meter.createCounter('jobs', { unit: '{job}' }).add(3);

    const text = await reader.render();

    expect(text).toContain('work_duration_seconds_count 1\n');
    expect(text).toContain('blob_size_bytes_total 5\n');
    expect(text).toContain('waited_seconds_total 2\n');
    expect(text).toContain('jobs_total 3\n');
  });

  it('gives the GenAI histograms the buckets of their conventions', async () => {
    const { reader, meter } = setup();
    meter.createHistogram(GEN_AI_METRIC.serverTimeToFirstToken, { unit: 's' }).record(0.03);
    meter.createHistogram(GEN_AI_METRIC.clientTokenUsage, { unit: '{token}' }).record(5);

    const text = await reader.render();

    const boundaries = (name: string): string[] =>
      [...text.matchAll(new RegExp(`^${name}_bucket\\{.*le="([^"]+)"`, 'gm'))].map(
        ([, boundary = '']) => boundary,
      );
    expect(boundaries('gen_ai_server_time_to_first_token_seconds').slice(0, 5)).toEqual([
      '0.001',
      '0.005',
      '0.01',
      '0.02',
      '0.04',
    ]);
    expect(boundaries('gen_ai_client_token_usage').slice(0, 4)).toEqual(['1', '4', '16', '64']);
    expect(boundaries('gen_ai_client_token_usage').at(-2)).toBe('67108864');
  });
});
