import libsamplerate from '@alexanderolsen/libsamplerate-js';

const { create, ConverterType } = libsamplerate;

/** libsamplerate's window is far shorter; silence of this length pushes the last real sample out. */
const FLUSH_SECONDS = 0.1;
const CHUNK_FRAMES = 16_384;

type Converter = Awaited<ReturnType<typeof create>>;

/** Resamples one mono signal given in pieces; state is kept between them, so joints are not audible. */
export class Resampler implements Disposable {
  #given = 0;
  #returned = 0;

  private constructor(
    private readonly converter: Converter | undefined,
    private readonly from: number,
    private readonly to: number,
  ) {}

  static async open(from: number, to: number): Promise<Resampler> {
    if (from === to) return new Resampler(undefined, from, to);
    const converterType = ConverterType.SRC_SINC_MEDIUM_QUALITY;
    return new Resampler(await create(1, from, to, { converterType }), from, to);
  }

  push(samples: Float32Array): Float32Array[] {
    this.#given += samples.length;
    const pieces = this.#convert(samples);
    this.#returned += pieces.reduce((sum, piece) => sum + piece.length, 0);
    return pieces;
  }

  /** What is still inside, so that the whole comes to `given * to / from` samples. */
  finish(): Float32Array[] {
    const missing = Math.round((this.#given * this.to) / this.from) - this.#returned;
    if (this.converter === undefined || missing <= 0) return [];
    const tail = new Float32Array(missing);
    let filled = 0;
    for (const piece of this.#convert(new Float32Array(Math.ceil(this.from * FLUSH_SECONDS)))) {
      const part = piece.subarray(0, missing - filled);
      tail.set(part, filled);
      filled += part.length;
    }
    return [tail];
  }

  [Symbol.dispose](): void {
    this.converter?.destroy();
  }

  #convert(samples: Float32Array): Float32Array[] {
    const { converter } = this;
    if (converter === undefined) return [samples];
    const pieces: Float32Array[] = [];
    for (let start = 0; start < samples.length; start += CHUNK_FRAMES) {
      pieces.push(converter.full(samples.subarray(start, start + CHUNK_FRAMES)));
    }
    return pieces;
  }
}
