import { isSchemaObject, type Schema } from './merge-schemas.js';

/** What a reference within the same document (`#`, `#/$defs/x`) leads to; undefined: nothing there. */
export function schemaAt(root: Schema, reference: string): Schema | undefined {
  if (!reference.startsWith('#')) return undefined;
  let at: unknown = root;
  const steps = reference === '#' ? [] : reference.slice(2).split('/');
  if (reference !== '#' && reference[1] !== '/') return undefined;
  for (const step of steps) {
    const key = decoded(step);
    if (key === undefined || typeof at !== 'object' || at === null || !Object.hasOwn(at, key))
      return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return typeof at === 'boolean' || isSchemaObject(at) ? at : undefined;
}

function decoded(step: string): string | undefined {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return undefined;
  }
}
