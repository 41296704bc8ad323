import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphBuilder } from '@trivium/onnx/synthesis';

/** Writes a model with the interface of ArcFace and random weights into a folder of models. */
export async function writeArcFace(folder: string, id: string): Promise<void> {
  const graph = new GraphBuilder(id, 3);
  graph.input('faces', 'FLOAT', ['batch', 3, 112, 112]);
  const weights = graph.weights('filters', [16, 3, 7, 7], 0.1);
  const maps = graph.node('Conv', ['faces', weights], {
    attributes: { kernel_shape: [7, 7], strides: [7, 7] },
  });
  const flat = graph.node('Flatten', [graph.node('Relu', [maps])]);
  graph.node('MatMul', [flat, graph.weights('embedding.weight', [16 * 16 * 16, 512], 0.02)], {
    outputs: ['embedding'],
  });
  graph.output('embedding', 'FLOAT', ['batch', 512]);
  const { bytes, manifest } = graph.model({ batch: 8, id, task: 'embed-face' });
  await mkdir(join(folder, id, '1'), { recursive: true });
  await writeFile(join(folder, id, 'model.yaml'), JSON.stringify(manifest));
  await writeFile(join(folder, id, '1', 'model.fp32.onnx'), bytes);
}
