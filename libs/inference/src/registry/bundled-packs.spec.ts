import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { INFERENCE_SERVICES } from '@trivium/contracts/model-manifest';
import { describe, expect, it } from 'vitest';
import { readBundled } from './bundled-packs.js';
import { verifyFiles } from './checksums.js';

const MODELS = fileURLToPath(new URL('../../../../models', import.meta.url));

describe('the packs of the repository', () => {
  it.each(INFERENCE_SERVICES)('of %s are whole, their files as their checksums say', async (service) => {
    const troubles: unknown[] = [];
    const packs = await readBundled(MODELS, service, (trouble) => troubles.push(trouble));

    expect(troubles).toEqual([]);
    for (const [id, { model, folder, ownsFiles }] of packs) {
      if (!ownsFiles) continue;
      for (const [version, { files }] of Object.entries(model.versions)) {
        await verifyFiles(id, join(folder, version), files);
      }
    }
  });

  it('include the sentence encoder with what its tokens become a vector by', async () => {
    const packs = await readBundled(MODELS, 'text-inference', undefined);

    expect(packs.get('trivium-mini-embed')?.model).toMatchObject({
      manifest: { task: 'embed', preload: true, variant_policy: { default: 'int8' } },
      versions: {
        1: { files: { 'model.int8.onnx': {}, 'tokenizer.json': {}, '1_Pooling/config.json': {} } },
      },
    });
  });
});
