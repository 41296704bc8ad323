import { decodeImage } from '@trivium/media';
import { Pyramid } from './pyramid.js';
import { rasterOf } from './raster.js';

/** Decoded pages of the requests in flight, newest kept: a page that fell out is decoded again. */
export class PageCache {
  readonly #pages = new Map<string, Pyramid>();

  constructor(
    private readonly bytesOf: (page: string) => Uint8Array,
    private readonly maxBytes: number,
  ) {}

  /** Refuses with the path when the bytes are no acceptable image. */
  async get(page: string, path?: string): Promise<Pyramid> {
    const known = this.#pages.get(page);
    const pyramid = known ?? new Pyramid(rasterOf(await decodeImage(this.bytesOf(page), { path })));
    this.#pages.delete(page);
    this.#pages.set(page, pyramid);
    this.#shrink();
    return pyramid;
  }

  release(page: string): void {
    this.#pages.delete(page);
  }

  /** The page that is being worked on stays, however large. */
  #shrink(): void {
    let held = [...this.#pages.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [page, { bytes }] of this.#pages) {
      if (held <= this.maxBytes || this.#pages.size === 1) return;
      this.#pages.delete(page);
      held -= bytes;
    }
  }
}
