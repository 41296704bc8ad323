import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifestInput } from '@trivium/contracts/model-manifest';
import type { SyntheticModel } from '@trivium/onnx/synthesis';

/** A folder that `trivium models add` takes, inside the given one. */
export async function writeModel(
  parent: string,
  id: string,
  { bytes, manifest }: SyntheticModel,
  settings: Partial<ModelManifestInput> = {},
): Promise<string> {
  const folder = join(parent, 'sent', id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.onnx'), bytes);
  // JSON is YAML, and needs no library to write.
  await writeFile(join(folder, 'model.yaml'), JSON.stringify({ ...manifest, ...settings, id }));
  return folder;
}
