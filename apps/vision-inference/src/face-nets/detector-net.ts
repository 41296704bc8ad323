import { GraphBuilder } from '@trivium/onnx/synthesis';
import { depthwiseFiltersOf, filtersOf, scaled } from './filters.js';
import { Layers, type Maps } from './layers.js';
import type { Weight, Weights } from './weight-file.js';

export const DETECTOR_SIDE = 512;

/** Of the batch normalisation behind each depthwise convolution. */
const EPSILON = 0.0010000000474974513;
/** Blocks of MobileNet that halve their maps. */
const HALVING = new Set([2, 4, 6, 12]);
const BLOCKS = 13;
/** Its maps are looked at for faces too, beside the last block's. */
const FINE_BLOCK = 11;

/**
 * face-api's `ssdMobilenetv1`: a picture padded to a square, `image` [batch, 3, 512, 512], red, green, blue
 * from -1 to 1, to `boxes` [batch, 5118, 4] (top, left, bottom, right as shares of the square) and
 * `scores` [batch, 5118].
 */
export function detectorNet(weights: Weights): Uint8Array {
  const graph = new GraphBuilder('face-detector');
  const layers = new Layers(graph);

  const pointwise = (name: string, offsets: string, input: Maps, stride = 1): Maps => {
    const filters = filtersOf(weights(`${name}/weights`));
    return layers.relu6(layers.convolve(input, { filters, bias: weights(offsets).values, stride }));
  };
  const block = (index: number, input: Maps): Maps => {
    const depthwise = `MobilenetV1/Conv2d_${index}_depthwise`;
    const norm = (part: string): Float32Array => weights(`${depthwise}/BatchNorm/${part}`).values;
    const [gamma, beta, mean, variance] = [
      norm('gamma'),
      norm('beta'),
      norm('moving_mean'),
      norm('moving_variance'),
    ];
    const factors = gamma.map((value, channel) => value / Math.sqrt((variance[channel] ?? 0) + EPSILON));
    const middle = layers.convolve(input, {
      filters: scaled(depthwiseFiltersOf(weights(`${depthwise}/depthwise_weights`)), factors),
      bias: beta.map((value, channel) => value - (mean[channel] ?? 0) * (factors[channel] ?? 0)),
      stride: HALVING.has(index) ? 2 : 1,
      depthwise: true,
    });
    const name = `MobilenetV1/Conv2d_${index}_pointwise`;
    return pointwise(name, `${name}/convolution_bn_offset`, layers.relu6(middle));
  };

  const stem = 'MobilenetV1/Conv2d_0_pointwise';
  const image = layers.image('image', DETECTOR_SIDE);
  let maps = pointwise(stem, `${stem}/convolution_bn_offset`, image, 2);
  const seen: Maps[] = [];
  for (let index = 1; index <= BLOCKS; index += 1) {
    maps = block(index, maps);
    if (index === FINE_BLOCK || index === BLOCKS) seen.push(maps);
  }
  for (let index = 0; index < 8; index += 1) {
    const name = `Prediction/Conv2d_${index}_pointwise`;
    maps = pointwise(name, `${name}/convolution_bn_offset`, maps, index % 2 === 0 ? 1 : 2);
    if (index % 2 === 1) seen.push(maps);
  }

  /** One row per anchor: cells row by row, the anchors of a cell side by side. */
  const rows = (name: string, input: Maps, length: number): string => {
    const { value } = layers.convolve(input, {
      filters: filtersOf(weights(`${name}/weights`)),
      bias: weights(`${name}/biases`).values,
    });
    const cells = graph.node('Transpose', [value], { attributes: { perm: [0, 2, 3, 1] } });
    return graph.node('Reshape', [cells, graph.integers(`${name}.rows`, 0, -1, length)]);
  };
  const predicted = (part: string, length: number): string =>
    graph.node(
      'Concat',
      seen.map((input, index) => rows(`Prediction/BoxPredictor_${index}/${part}`, input, length)),
      { attributes: { axis: 1 } },
    );
  addBoxes(graph, predicted('BoxEncodingPredictor', 4), weights('Output/extra_dim'));
  addScores(graph, predicted('ClassPredictor', 3));
  return graph.model().bytes;
}

/** Each prediction moves and stretches its anchor; centres are told in tenths, sizes in fifths. */
function addBoxes(graph: GraphBuilder, predictions: string, { values }: Weight): void {
  const count = values.length / 4;
  const pair = (name: string, of: (anchor: Float32Array, axis: 0 | 1) => number): string => {
    const pairs = Array.from({ length: count }, (_, index) => {
      const anchor = values.subarray(index * 4, index * 4 + 4);
      return [of(anchor, 0), of(anchor, 1)];
    });
    return graph.floats(name, [1, count, 2], Float32Array.from(pairs.flat()));
  };
  const size = (anchor: Float32Array, axis: 0 | 1): number => (anchor[axis + 2] ?? 0) - (anchor[axis] ?? 0);
  const centres = pair('anchors.centres', (anchor, axis) => (anchor[axis] ?? 0) + size(anchor, axis) / 2);
  const steps = pair('anchors.steps', (anchor, axis) => size(anchor, axis) / 10);
  const halves = pair('anchors.halves', (anchor, axis) => size(anchor, axis) / 2);

  graph.node('Split', [predictions, graph.integers('box.parts', 2, 2)], {
    outputs: ['box.shift', 'box.stretch'],
    attributes: { axis: 2 },
  });
  const centre = graph.node('Add', [graph.node('Mul', ['box.shift', steps]), centres]);
  const growth = graph.node('Exp', [graph.node('Mul', ['box.stretch', graph.scalar('box.fifth', 0.2)])]);
  const half = graph.node('Mul', [growth, halves]);
  graph.node('Concat', [graph.node('Sub', [centre, half]), graph.node('Add', [centre, half])], {
    outputs: ['boxes'],
    attributes: { axis: 2 },
  });
  graph.output('boxes', 'FLOAT', ['batch', count, 4]);
}

/** Of the three classes the second is a face. */
function addScores(graph: GraphBuilder, predictions: string): void {
  const face = graph.node('Gather', [predictions, graph.integers('face.class', 1)], {
    attributes: { axis: 2 },
  });
  const scores = graph.node('Reshape', [face, graph.integers('scores.rows', 0, -1)]);
  graph.node('Sigmoid', [scores], { outputs: ['scores'] });
  graph.output('scores', 'FLOAT', ['batch', 'anchors']);
}
