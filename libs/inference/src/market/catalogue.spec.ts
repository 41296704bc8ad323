import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilePath } from '@trivium/contracts/model-manifest';
import { describe, expect, it } from 'vitest';
import { Catalogue } from './catalogue.js';
import { hubFiles } from './hub-file.js';

const catalogue = await Catalogue.read();

/** Licences that allow everybody everything, as far as it matters here. */
const PERMISSIVE = ['Apache-2.0', 'MIT'];

describe.each(catalogue.list().map((manifest) => [manifest.id, manifest] as const))('%s', (_id, manifest) => {
  it('says where its files are, and whether they may be used commercially', () => {
    expect(hubFiles(manifest, 'https://hub.example').length).toBeGreaterThan(0);
    expect(manifest.commercial_use).toBe(PERMISSIVE.includes(manifest.licence));
    expect(manifest.description).not.toBe('');
    expect(manifest.homepage).toMatch(/^https:/);
  });

  it('puts its files where a version has them', () => {
    const paths = Object.keys(manifest.files);

    for (const path of paths) expect(FilePath.safeParse(path).error).toBeUndefined();
    expect(paths.some((path) => path.endsWith('.onnx'))).toBe(true);
  });

  it('has the weights of the variant that it serves, and its inputs and outputs, if it takes tensors', () => {
    if (manifest.platform === 'program') return expect(manifest.input).toEqual([]);
    expect(Object.keys(manifest.files)).toContain(`model.${manifest.variant_policy.default}.onnx`);
    expect(manifest.input.length * manifest.output.length).toBeGreaterThan(0);
    const { input } = manifest.dynamic_batching.cost;
    if (input !== undefined) expect(manifest.input.map(({ name }) => name)).toContain(input);
  });
});

describe('the catalogue', () => {
  it('has a model for each task that is not bundled', () => {
    const tasks = new Set(catalogue.list().map(({ task }) => task));

    expect([...tasks].sort()).toEqual([
      'classify',
      'classify-image',
      'detect-objects',
      'detect-speech',
      'embed',
      'embed-face',
      'embed-image',
      'generate',
      'rerank',
      'transcribe',
    ]);
  });

  it('offers a face model to those who may not use the better one', () => {
    const faces = catalogue.list().filter(({ task }) => task === 'embed-face');

    expect(new Set(faces.map(({ commercial_use: commercial }) => commercial))).toEqual(
      new Set([true, false]),
    );
  });

  it('divides its models among the services', () => {
    const ids = (service: Parameters<Catalogue['list']>[0]) => catalogue.list(service).map(({ id }) => id);

    expect(ids('speech-inference')).toEqual(['silero-vad', 'whisper-tiny']);
    expect(ids('vision-inference')).toContain('resnet-50');
    expect(ids('text-inference')).toContain('all-minilm-l6-v2');
  });

  it('says what it does not have', () => {
    expect(() => catalogue.get('gpt-9')).toThrow(
      expect.objectContaining({ code: 'model_not_found', param: 'model' }) as Error,
    );
  });

  it.each([
    ['id: x\ntask: embed\n', 'bad.yaml: licence'],
    ['id: other\ntask: embed\nlicence: MIT\n', "bad.yaml: holds the model 'other'"],
  ])('names the file and field that is wrong', async (text, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'trivium-catalogue-'));
    await writeFile(join(folder, 'bad.yaml'), text);

    await expect(Catalogue.read(folder)).rejects.toThrow(message);
    await rm(folder, { recursive: true });
  });
});
