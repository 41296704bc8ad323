import { ModelManifest, type ModelManifestInput, type VersionFiles } from '@trivium/contracts/model-manifest';
import { expect, it, vi } from 'vitest';
import { publishPulled, type PublishTarget } from './publish-pulled.js';

const FILES: VersionFiles = { 'model.fp32.onnx': { sha256: 'a'.repeat(64), bytes: 7 } };
const OTHERS: VersionFiles = { 'model.fp32.onnx': { sha256: 'b'.repeat(64), bytes: 7 } };
const signal = new AbortController().signal;

const manifest = (overrides: Partial<ModelManifestInput> = {}) =>
  ModelManifest.parse({ id: 'm', task: 'embed', licence: 'MIT', ...overrides });

function registryWith(versions?: Record<string, { files: VersionFiles }>) {
  return {
    models: () => new Map(versions === undefined ? [] : [['m', { versions }]]),
    putModel: vi.fn<PublishTarget['putModel']>(async () => undefined),
    publishVersion: vi.fn<PublishTarget['publishVersion']>(async () => '2'),
  };
}

const pulled = (overrides: Partial<ModelManifestInput> = {}) => ({
  manifest: manifest(overrides),
  folder: '/pulls/m',
  files: FILES,
  signal,
});

it('makes the model and its version, after it was loaded once', async () => {
  const registry = registryWith();
  const tryLoad = vi.fn(async () => undefined);

  expect(await publishPulled({ registry, tryLoad })(pulled())).toEqual({ version: '2' });
  expect(tryLoad).toHaveBeenCalledWith('/pulls/m', manifest(), FILES);
  expect(registry.putModel).toHaveBeenCalledWith(manifest());
  expect(registry.publishVersion).toHaveBeenCalledWith(
    'm',
    'next',
    { 'model.fp32.onnx': '/pulls/m/model.fp32.onnx' },
    signal,
  );
});

it('keeps the manifest of a model that is there', async () => {
  const registry = registryWith({ 1: { files: OTHERS } });
  await publishPulled({ registry })(pulled());

  expect(registry.putModel).not.toHaveBeenCalled();
  expect(registry.publishVersion).toHaveBeenCalledOnce();
});

it('makes no second version of the same files', async () => {
  const registry = registryWith({ 1: { files: FILES } });

  expect(await publishPulled({ registry })(pulled())).toEqual({ version: '1' });
  expect(registry.publishVersion).not.toHaveBeenCalled();
});

it('publishes nothing that does not load', async () => {
  const registry = registryWith();
  const tryLoad = async () => {
    throw new Error('not a model');
  };

  await expect(publishPulled({ registry, tryLoad })(pulled())).rejects.toThrow('not a model');
  expect(registry.putModel).not.toHaveBeenCalled();
});

it('does not try what only a program can run', async () => {
  const tryLoad = vi.fn(async () => undefined);
  await publishPulled({ registry: registryWith(), tryLoad })(pulled({ platform: 'program' }));

  expect(tryLoad).not.toHaveBeenCalled();
});
