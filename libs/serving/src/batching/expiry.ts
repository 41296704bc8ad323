import { Alarm } from '../clock/alarm.js';
import type { Clock } from '../clock/clock.js';
import type { Waiting } from './entry.js';

interface Node<E> {
  readonly at: number;
  readonly entry: E;
  gone: boolean;
}

/** Entries by the moment at which they expire, the nearest first; one timer for all. */
export class Expiry<E extends Pick<Waiting, 'expiresAt'>> implements Disposable {
  readonly #heap: Node<E>[] = [];
  readonly #nodes = new Map<E, Node<E>>();
  readonly #alarm: Alarm;

  constructor(
    private readonly clock: Clock,
    private readonly onExpired: (entries: readonly E[]) => void,
  ) {
    this.#alarm = new Alarm(clock, () => {
      this.sweep();
      this.#watch();
    });
  }

  add(entry: E): void {
    if (entry.expiresAt === Number.POSITIVE_INFINITY) return;
    const node = { at: entry.expiresAt, entry, gone: false };
    this.#nodes.set(entry, node);
    this.#push(node);
    if (node.at < (this.#alarm.at ?? Number.POSITIVE_INFINITY)) this.#watch();
  }

  remove(entry: E): void {
    const node = this.#nodes.get(entry);
    if (node === undefined) return;
    node.gone = true;
    this.#nodes.delete(entry);
    // Left behind until they surface, unless they come to be most of the heap.
    if (this.#nodes.size === 0) this[Symbol.dispose]();
    else if (this.#heap.length > 64 && this.#heap.length > 2 * this.#nodes.size) this.#rebuild();
  }

  /** Hands over all that has expired by now. */
  sweep(): void {
    const now = this.clock.now();
    const expired: E[] = [];
    for (let next = this.#nearest(); next !== undefined && next.at <= now; next = this.#nearest()) {
      expired.push(next.entry);
      this.#nodes.delete(next.entry);
      this.#pop();
    }
    if (expired.length > 0) this.onExpired(expired);
  }

  [Symbol.dispose](): void {
    this.#alarm[Symbol.dispose]();
    this.#heap.length = 0;
    this.#nodes.clear();
  }

  #watch(): void {
    this.#alarm.set(this.#nearest()?.at);
  }

  #nearest(): Node<E> | undefined {
    for (let [top] = this.#heap; top !== undefined; [top] = this.#heap) {
      if (!top.gone) return top;
      this.#pop();
    }
    return undefined;
  }

  #rebuild(): void {
    this.#heap.length = 0;
    for (const node of this.#nodes.values()) this.#push(node);
  }

  #push(node: Node<E>): void {
    this.#heap.push(node);
    for (let index = this.#heap.length - 1; index > 0;) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfLater(parent, index)) return;
      index = parent;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #sink(): void {
    for (let index = 0; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      const child = this.#at(right) < this.#at(left) ? right : left;
      if (!this.#swapIfLater(index, child)) return;
      index = child;
    }
  }

  #swapIfLater(upper: number, lower: number): boolean {
    const [one, other] = [this.#heap[upper], this.#heap[lower]];
    if (one === undefined || other === undefined || one.at <= other.at) return false;
    this.#heap[upper] = other;
    this.#heap[lower] = one;
    return true;
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Number.POSITIVE_INFINITY;
  }
}
