/** Of a message of 1 MiB, what its texts may take. */
const MOST_BYTES = 512 * 1024;
/** Vectors of so many texts with 3,000 dimensions each fit into the answer. */
const MOST_ITEMS = 64;

export interface MessagePart<Item> {
  readonly items: readonly Item[];
  /** Index of the first one in the whole. */
  readonly offset: number;
}

/** Cuts a list so that each part fits into one message; the order stays. */
export function messageParts<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
): MessagePart<Item>[] {
  const parts: MessagePart<Item>[] = [];
  let from = 0;
  let bytes = 0;
  for (const [index, item] of items.entries()) {
    const own = bytesOf(item);
    const full = index > from && (bytes + own > MOST_BYTES || index - from >= MOST_ITEMS);
    if (full) {
      parts.push({ items: items.slice(from, index), offset: from });
      from = index;
      bytes = 0;
    }
    bytes += own;
  }
  parts.push({ items: items.slice(from), offset: from });
  return parts;
}

/** The work for every part, few at a time: one client's list must not fill the queue of a model. */
export async function forEachPart<Item, Result>(
  parts: readonly MessagePart<Item>[],
  work: (part: MessagePart<Item>) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(parts.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < parts.length) {
      const index = next++;
      const part = parts[index];
      if (part === undefined) return;
      try {
        results[index] = await work(part);
      } catch (error) {
        next = parts.length; // nobody wants the rest any more
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, parts.length) }, lane));
  return results;
}

const AT_ONCE = 4;
