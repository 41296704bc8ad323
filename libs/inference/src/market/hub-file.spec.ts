import { ModelManifest, type ModelManifestInput } from '@trivium/contracts/model-manifest';
import { expect, it } from 'vitest';
import { hubFiles } from './hub-file.js';

const manifest = (overrides: Partial<ModelManifestInput> = {}) =>
  ModelManifest.parse({
    id: 'm',
    task: 'embed',
    licence: 'MIT',
    source: { kind: 'hub', repository: 'owner/name', revision: 'refs/pr/1' },
    files: { 'model.fp32.onnx': { path: 'onnx/a model.onnx', bytes: 5 } },
    ...overrides,
  });

it('writes addresses as the hub has them, whatever the names hold', () => {
  const [file] = hubFiles(manifest(), 'https://hub.example/');

  expect(file?.url.href).toBe('https://hub.example/owner/name/resolve/refs%2Fpr%2F1/onnx/a%20model.onnx');
  expect(file).toMatchObject({ path: 'model.fp32.onnx', bytes: 5, sha256: undefined });
});

it.each([
  ['no hub source', { source: undefined }, 'manifest.source'],
  ['no files', { files: {} }, 'manifest.files'],
  ['a target outside', { files: { '../x': { path: 'x' } } }, 'manifest.files["../x"]'],
  ['a source outside', { files: { x: { path: 'a/../../x' } } }, 'manifest.files["x"].path'],
])('refuses a manifest with %s', (_what, overrides, param) => {
  expect(() => hubFiles(manifest(overrides as Partial<ModelManifestInput>), 'https://hub.example')).toThrow(
    expect.objectContaining({ code: 'invalid_request', param }) as Error,
  );
});
