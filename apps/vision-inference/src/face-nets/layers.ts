import type { GraphBuilder } from '@trivium/onnx/synthesis';
import type { Filters } from './filters.js';

/** A value of the graph: `channels` maps of `side` by `side`, for each picture of the batch. */
export interface Maps {
  readonly value: string;
  readonly channels: number;
  readonly side: number;
}

export interface Convolution {
  readonly filters: Filters;
  readonly bias: Float32Array;
  readonly stride?: number;
  /** `same`: zeros around, as many as TensorFlow adds, so that the side is only divided by the stride. */
  readonly padding?: 'same' | 'valid';
  /** Each channel has a filter of its own. */
  readonly depthwise?: boolean;
}

/** Layers of square maps, written into a graph with TensorFlow's meaning of padding. */
export class Layers {
  #count = 0;

  constructor(readonly graph: GraphBuilder) {}

  /** Pictures: red, green and blue planes. */
  image(name: string, side: number): Maps {
    return { value: this.graph.input(name, 'FLOAT', ['batch', 3, side, side]), channels: 3, side };
  }

  convolve(
    { value, side }: Maps,
    { filters, bias, stride = 1, padding = 'same', depthwise = false }: Convolution,
  ): Maps {
    const name = `conv_${this.#count++}`;
    const { dims } = filters;
    const [channels, , kernel] = dims;
    const after = padding === 'same' ? Math.ceil(side / stride) : Math.floor((side - kernel) / stride) + 1;
    const zeros = padding === 'same' ? Math.max(0, (after - 1) * stride + kernel - side) : 0;
    const before = Math.floor(zeros / 2);
    const result = this.graph.node(
      'Conv',
      [
        value,
        this.graph.floats(`${name}.filters`, dims, filters.values),
        this.graph.floats(`${name}.bias`, [channels], bias),
      ],
      {
        name,
        attributes: {
          kernel_shape: [kernel, kernel],
          strides: [stride, stride],
          pads: [before, before, zeros - before, zeros - before],
          group: depthwise ? channels : 1,
        },
      },
    );
    return { value: result, channels, side: after };
  }

  relu(maps: Maps): Maps {
    return { ...maps, value: this.graph.node('Relu', [maps.value]) };
  }

  /** Between 0 and 6. */
  relu6(maps: Maps): Maps {
    const name = `clip_${this.#count++}`;
    const limits = [this.graph.scalar(`${name}.least`, 0), this.graph.scalar(`${name}.most`, 6)];
    return { ...maps, value: this.graph.node('Clip', [maps.value, ...limits], { name }) };
  }

  add(first: Maps, second: Maps): Maps {
    return { ...first, value: this.graph.node('Add', [first.value, second.value]) };
  }

  pool(maps: Maps, kind: 'MaxPool' | 'AveragePool', kernel: number, stride: number): Maps {
    const value = this.graph.node(kind, [maps.value], {
      attributes: { kernel_shape: [kernel, kernel], strides: [stride, stride] },
    });
    return { ...maps, value, side: Math.floor((maps.side - kernel) / stride) + 1 };
  }

  /** Zeros below and to the right up to `side`, and as further channels up to `channels`. */
  grow(maps: Maps, { channels, side }: Pick<Maps, 'channels' | 'side'>): Maps {
    if (maps.channels === channels && maps.side === side) return maps;
    const name = `pad_${this.#count++}`;
    const more = side - maps.side;
    const pads = this.graph.integers(`${name}.pads`, 0, 0, 0, 0, 0, channels - maps.channels, more, more);
    return { value: this.graph.node('Pad', [maps.value, pads], { name }), channels, side };
  }

  /** The mean of each map: one row per picture, `channels` long. */
  means({ value }: Maps): string {
    return this.graph.node('Flatten', [this.graph.node('GlobalAveragePool', [value])]);
  }
}
