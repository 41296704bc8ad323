/**
 * Ids of the `count` greatest logits, greatest first; the lower id wins a tie; minus infinity and NaN
 * never come. A heap with the least at its root keeps the best so far: O(n + changes × log count).
 */
export function topTokens(logits: Float32Array, count: number): Int32Array {
  const heap = new Int32Array(Math.min(count, logits.length));
  let size = 0;
  let least = -Infinity;
  for (let id = 0; id < logits.length; id += 1) {
    const logit = at(logits, id);
    if (size < heap.length) {
      if (!(logit > -Infinity)) continue;
      rise(heap, size, id, logits);
      size += 1;
    } else if (logit > least) {
      sink(heap, size, id, logits);
    } else continue;
    least = at(logits, heap[0] ?? 0);
  }
  return heap.subarray(0, size).sort((a, b) => at(logits, b) - at(logits, a) || a - b);
}

/** Whether `a` comes after `b` in the order of the result. */
function worse(a: number, b: number, logits: Float32Array): boolean {
  const difference = at(logits, a) - at(logits, b);
  return difference < 0 || (difference === 0 && a > b);
}

function rise(heap: Int32Array, from: number, id: number, logits: Float32Array): void {
  let place = from;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = heap[parent] ?? 0;
    if (!worse(id, above, logits)) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = id;
}

function sink(heap: Int32Array, size: number, id: number, logits: Float32Array): void {
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= size) break;
    if (child + 1 < size && worse(heap[child + 1] ?? 0, heap[child] ?? 0, logits)) child += 1;
    const below = heap[child] ?? 0;
    if (!worse(below, id, logits)) break;
    heap[place] = below;
    place = child;
  }
  heap[place] = id;
}

function at(logits: Float32Array, id: number): number {
  return logits[id] ?? -Infinity;
}
