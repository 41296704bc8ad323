interface Place {
  readonly value: unknown;
  readonly key: PropertyKey | undefined;
  readonly parent: Place | undefined;
}

/**
 * Path of the first text in a JSON value that holds half a surrogate pair, which is no character and cannot
 * be written as UTF-8; undefined when there is none. Of a key, the path of what holds it.
 */
export function brokenTextPath(json: unknown): PropertyKey[] | undefined {
  // @NOTE a list of its own instead of recursion: how deep JSON nests is the client's choice
  const open: Place[] = [{ value: json, key: undefined, parent: undefined }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value } = place;
    if (typeof value === 'string') {
      if (!value.isWellFormed()) return pathOf(place);
    } else if (Array.isArray(value)) {
      for (let index = value.length - 1; index >= 0; index -= 1) {
        const item: unknown = value[index];
        if (mayHoldText(item)) open.push({ value: item, key: index, parent: place });
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, nested] of Object.entries(value).reverse()) {
        if (!key.isWellFormed()) return pathOf(place);
        if (mayHoldText(nested)) open.push({ value: nested, key, parent: place });
      }
    }
  }
  return undefined;
}

function mayHoldText(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}

function pathOf(place: Place): PropertyKey[] {
  const path: PropertyKey[] = [];
  for (let step: Place | undefined = place; step !== undefined; step = step.parent) {
    if (step.key !== undefined) path.push(step.key);
  }
  return path.reverse();
}
