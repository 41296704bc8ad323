import { GraphBuilder } from '@trivium/onnx/synthesis';
import { depthwiseFiltersOf, filtersOf } from './filters.js';
import { Layers, type Maps } from './layers.js';
import type { Weights } from './weight-file.js';

export const LANDMARK_SIDE = 112;
/** Points of a face in the order of the iBUG 300-W annotation; x before y. */
export const LANDMARKS = 68;

/**
 * face-api's `faceLandmark68Net`: four dense blocks. A face in its square, `image` [batch, 3, 112, 112],
 * red, green, blue, less the mean colour and divided by 255, to `points` [batch, 136]: x and y of each
 * as shares of the square.
 */
export function landmarkNet(weights: Weights): Uint8Array {
  const graph = new GraphBuilder('face-landmarks');
  const layers = new Layers(graph);

  const separable = (name: string, input: Maps, stride = 1): Maps => {
    const depthwise = layers.convolve(input, {
      filters: depthwiseFiltersOf(weights(`${name}/depthwise_filter`)),
      bias: new Float32Array(input.channels),
      stride,
      depthwise: true,
    });
    const filters = filtersOf(weights(`${name}/pointwise_filter`));
    return layers.convolve(depthwise, { filters, bias: weights(`${name}/bias`).values });
  };
  const plain = (name: string, input: Maps): Maps =>
    layers.convolve(input, {
      filters: filtersOf(weights(`${name}/filters`)),
      bias: weights(`${name}/bias`).values,
      stride: 2,
    });
  /** Each step sees the sum of all before it. */
  const dense = (name: string, halved: Maps): Maps => {
    let sum = layers.relu(halved);
    let input = sum;
    for (const step of ['conv1', 'conv2', 'conv3']) {
      sum = layers.add(sum, separable(`${name}/${step}`, input));
      input = layers.relu(sum);
    }
    return input;
  };

  let maps = dense('dense0', plain('dense0/conv0', layers.image('image', LANDMARK_SIDE)));
  for (const name of ['dense1', 'dense2', 'dense3']) maps = dense(name, separable(`${name}/conv0`, maps, 2));

  const { shape, values } = weights('fc/weights');
  const bias = graph.floats('fc.bias', [LANDMARKS * 2], weights('fc/bias').values);
  graph.node('Gemm', [layers.means(maps), graph.floats('fc.weights', shape, values), bias], {
    outputs: ['points'],
  });
  graph.output('points', 'FLOAT', ['batch', LANDMARKS * 2]);
  return graph.model().bytes;
}
