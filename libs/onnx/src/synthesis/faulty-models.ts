import { encodeModel } from '../graph/onnx-format.js';
import { GraphBuilder, type SyntheticModel } from './graph-builder.js';
import { addModel } from './small-models.js';

/** Names an operator that exists in no runtime; with a domain, one from outside the standard. */
export function unknownOperatorModel(domain?: string): SyntheticModel {
  const graph = new GraphBuilder('unknown-operator');
  graph.input('x', 'FLOAT', ['batch', 4]);
  graph.output('y', 'FLOAT', ['batch', 4]);
  graph.node('Teleport', ['x'], { outputs: ['y'], domain });
  return graph.model({ batch: 8 });
}

/** Valid at its start, cut off in its middle. */
export function truncatedModel(): Uint8Array {
  const { bytes } = addModel();
  return bytes.subarray(0, Math.floor(bytes.byteLength / 2));
}

export interface ExternalModel extends SyntheticModel {
  /** Files that must lie beside the model, by the path that the model names. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** `y = x + bias`, whose bias lies in another file; the path may be one that must be refused. */
export function externalDataModel(location = 'weights/bias.bin'): ExternalModel {
  const graph = new GraphBuilder('external-data');
  graph.input('x', 'FLOAT', ['batch', 4]);
  graph.output('y', 'FLOAT', ['batch', 4]);
  graph.node('Add', ['x', 'bias'], { outputs: ['y'] });
  const data = Float32Array.of(1, 2, 3, 4);
  const file = new Uint8Array(data.buffer);
  graph.constant({
    name: 'bias',
    dims: [4],
    dataType: 1,
    dataLocation: 1,
    externalData: [
      { key: 'location', value: location },
      { key: 'offset', value: '0' },
      { key: 'length', value: String(file.byteLength) },
    ],
  });
  const { manifest } = graph.model({ batch: 8 });
  return { bytes: encodeModel(graph.proto()), manifest, files: { [location]: file } };
}
