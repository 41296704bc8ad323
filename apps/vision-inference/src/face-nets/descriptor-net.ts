import { GraphBuilder } from '@trivium/onnx/synthesis';
import { filtersOf, scaled } from './filters.js';
import { type Convolution, Layers, type Maps } from './layers.js';
import type { Weights } from './weight-file.js';

export const DESCRIPTOR_SIDE = 150;
export const DESCRIPTOR_LENGTH = 128;

/**
 * dlib's residual network in the form that face-api gave it (`faceRecognitionNet`): an aligned face
 * `image` [batch, 3, 150, 150], red, green, blue, less the mean colour and divided by 255, to its
 * `descriptor` [batch, 128].
 */
export function descriptorNet(weights: Weights): Uint8Array {
  const graph = new GraphBuilder('face-descriptor');
  const layers = new Layers(graph);

  // The factors and offsets behind each convolution are part of its filters and bias.
  const convolution = (name: string, form: Pick<Convolution, 'stride' | 'padding'> = {}): Convolution => {
    const { values: factors } = weights(`${name}/scale/weights`);
    const { values: offsets } = weights(`${name}/scale/biases`);
    const { values: bias } = weights(`${name}/conv/bias`);
    return {
      filters: scaled(filtersOf(weights(`${name}/conv/filters`)), factors),
      bias: bias.map((value, index) => value * (factors[index] ?? 0) + (offsets[index] ?? 0)),
      ...form,
    };
  };
  const residual = (name: string, input: Maps): Maps => {
    const middle = layers.relu(layers.convolve(input, convolution(`${name}/conv1`)));
    return layers.relu(layers.add(layers.convolve(middle, convolution(`${name}/conv2`)), input));
  };
  /** Halves the side. What is past the end of the shorter of the two ways is zero. */
  const shrinking = (name: string, input: Maps): Maps => {
    const halved = convolution(`${name}/conv1`, { stride: 2, padding: 'valid' });
    const worked = layers.convolve(layers.relu(layers.convolve(input, halved)), convolution(`${name}/conv2`));
    const kept = layers.pool(input, 'AveragePool', 2, 2);
    const size = { channels: worked.channels, side: kept.side };
    return layers.relu(layers.add(layers.grow(kept, size), layers.grow(worked, size)));
  };

  const image = layers.image('image', DESCRIPTOR_SIDE);
  const first = layers.convolve(image, convolution('conv32_down', { stride: 2, padding: 'valid' }));
  let maps = layers.pool(layers.relu(first), 'MaxPool', 3, 2);
  for (const name of ['conv32_1', 'conv32_2', 'conv32_3']) maps = residual(name, maps);
  maps = shrinking('conv64_down', maps);
  for (const name of ['conv64_1', 'conv64_2', 'conv64_3']) maps = residual(name, maps);
  maps = shrinking('conv128_down', maps);
  for (const name of ['conv128_1', 'conv128_2']) maps = residual(name, maps);
  maps = shrinking('conv256_down', maps);
  for (const name of ['conv256_1', 'conv256_2']) maps = residual(name, maps);
  maps = shrinking('conv256_down_out', maps);

  const { shape, values } = weights('fc');
  graph.node('MatMul', [layers.means(maps), graph.floats('fc', shape, values)], { outputs: ['descriptor'] });
  graph.output('descriptor', 'FLOAT', ['batch', DESCRIPTOR_LENGTH]);
  return graph.model().bytes;
}
