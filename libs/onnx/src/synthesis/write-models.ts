import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encoderModel, MINILM_L6 } from './encoder-model.js';
import type { SyntheticModel } from './graph-builder.js';
import { type ExternalModel, externalDataModel, unknownOperatorModel } from './faulty-models.js';
import {
  addModel,
  convClassifier,
  decoderStep,
  denseClassifier,
  halfPrecisionModel,
  identityModel,
  slowModel,
  upperCaseModel,
} from './small-models.js';

type ModelWithFiles = SyntheticModel & Partial<Pick<ExternalModel, 'files'>>;

/** Every synthetic model by the name of its folder. */
const MODELS: Readonly<Record<string, () => ModelWithFiles>> = {
  identity: identityModel,
  add: addModel,
  'upper-case': upperCaseModel,
  'half-precision': halfPrecisionModel,
  'dense-classifier': denseClassifier,
  'conv-classifier': convClassifier,
  encoder: encoderModel,
  'decoder-step': decoderStep,
  slow: slowModel,
  'unknown-operator': unknownOperatorModel,
  'external-data': externalDataModel,
  'minilm-l6': () => encoderModel(MINILM_L6),
};

/**
 * Writes `<folder>/<name>/model.onnx` and the `model.yaml` beside it for each name; without names, for all but `minilm-l6` (86 MiB).
 * `node libs/onnx/dist/synthesis/write-models.js <folder> [name …]`
 */
async function writeModels([folder, ...names]: readonly string[]): Promise<void> {
  if (folder === undefined) throw new TypeError('Usage: write-models <folder> [name …]');
  const wanted = names.length > 0 ? names : Object.keys(MODELS).filter((name) => name !== 'minilm-l6');
  for (const name of wanted) {
    const make = MODELS[name];
    if (make === undefined)
      throw new TypeError(`No model ${name}; there are ${Object.keys(MODELS).join(', ')}`);
    const { bytes, manifest, files = {} } = make();
    // JSON is YAML, and needs no library to write.
    const yaml = `${JSON.stringify({ ...manifest, id: name, licence: 'Apache-2.0' }, undefined, 2)}\n`;
    for (const [path, data] of Object.entries({ ...files, 'model.onnx': bytes, 'model.yaml': yaml })) {
      const target = join(folder, name, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, data);
    }
  }
}

await writeModels(process.argv.slice(2));
