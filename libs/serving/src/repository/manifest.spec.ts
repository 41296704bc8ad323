import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseManifest } from './manifest.js';

const MINIMAL = 'id: mini\ntask: embed\nlicence: MIT\n';

describe('parseManifest', () => {
  it('fills in what is not said', () => {
    expect(parseManifest(MINIMAL)).toMatchObject({
      id: 'mini',
      platform: 'onnxruntime_onnx',
      version_policy: { latest: { num_versions: 1 } },
    });
  });

  it.each([
    ['dynamic_batching: { cost: { unit: bytes } }', 'dynamic_batching.cost.unit'],
    ['max_batch_sizes: 8', 'max_batch_sizes'],
    ['version_policy: { latest: { num_versions: 0 } }', 'version_policy.latest.num_versions'],
    ['instance_group: [{ kind: KIND_CPU, cores: 2 }]', 'instance_group[0].cores'],
    ['dynamic_batching: { default_priority_level: 3 }', 'dynamic_batching.default_priority_level'],
    [
      'dynamic_batching: { shape_buckets: [32, 16], cost: { input: ids } }',
      'dynamic_batching.shape_buckets[1]',
    ],
    ['dynamic_batching: { shape_buckets: [32] }', 'dynamic_batching.shape_buckets'],
    ['platform: ensemble', 'ensemble_scheduling'],
    [
      'input: [{ name: a, data_type: FP32, dims: [1] }, { name: a, data_type: FP32, dims: [1] }]',
      'input[1].name',
    ],
    [
      'variant_policy: { under_load: { variant: fp32, above_queue_ms: 5, below_queue_ms: 1 } }',
      'variant_policy.under_load.variant',
    ],
  ])('names the field at fault: %s', (line, param) => {
    expect(() => parseManifest(`${MINIMAL}${line}\n`)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        param,
        message: expect.stringContaining(param) as string,
      }),
    );
  });

  it('names the line of a text that is not YAML', () => {
    expect(() => parseManifest('id: mini\ntask: [embed\n')).toThrow(/not YAML, line \d/u);
  });

  it('refuses a packaged file without a checksum', () => {
    const source = 'source: { kind: package, package: p, version: 1.0.0, entry: p/node }\n';

    expect(() => parseManifest(`${MINIMAL}${source}files: { model: { path: a.onnx } }\n`)).toThrow(
      expect.objectContaining({ param: 'files.model.sha256' }),
    );
  });

  it('reads the bundled pack', () => {
    const text = readFileSync(new URL('../../../../models/pp-ocrv4/model.yaml', import.meta.url), 'utf8');

    expect(parseManifest(text)).toMatchObject({ platform: 'program', source: { kind: 'package' } });
  });
});
