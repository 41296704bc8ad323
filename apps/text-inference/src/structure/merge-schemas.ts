export type Schema = boolean | { readonly [keyword: string]: unknown };
export type SchemaObject = Exclude<Schema, boolean>;

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const STRICTER: Readonly<Record<string, (left: number, right: number) => number>> = {
  minimum: Math.max,
  exclusiveMinimum: Math.max,
  minLength: Math.max,
  minItems: Math.max,
  minProperties: Math.max,
  maximum: Math.min,
  exclusiveMaximum: Math.min,
  maxLength: Math.min,
  maxItems: Math.min,
  maxProperties: Math.min,
};

/** One schema for what both ask. Keywords that cannot be joined keep the right one; the finished answer is checked anyway. */
export function mergeSchemas(left: Schema, right: Schema): Schema {
  if (left === false || right === false) return false;
  if (left === true) return right;
  if (right === true) return left;
  const merged: Record<string, unknown> = { ...left };
  for (const [keyword, value] of Object.entries(right)) {
    merged[keyword] = keyword in left ? joined(keyword, left[keyword], value) : value;
  }
  return merged;
}

function joined(keyword: string, left: unknown, right: unknown): unknown {
  const stricter = STRICTER[keyword];
  if (stricter !== undefined) return stricter(Number(left), Number(right));
  switch (keyword) {
    case 'type':
      return typesOf(left).filter((type) => typesOf(right).includes(type));
    case 'required':
      return [...new Set([...list(left), ...list(right)])];
    case 'enum':
      return list(left).filter((value) =>
        list(right).some((other) => JSON.stringify(other) === JSON.stringify(value)),
      );
    case 'properties':
    case '$defs':
    case 'definitions':
      return joinedProperties(left, right);
    case 'items':
    case 'additionalProperties':
      return { allOf: [left, right] };
    case 'allOf':
      return [...list(left), ...list(right)];
    default:
      return right;
  }
}

function joinedProperties(left: unknown, right: unknown): Record<string, unknown> {
  const all = new Map(Object.entries(isSchemaObject(left) ? left : {}));
  for (const [name, schema] of Object.entries(isSchemaObject(right) ? right : {})) {
    all.set(name, all.has(name) ? { allOf: [all.get(name), schema] } : schema);
  }
  return Object.fromEntries(all);
}

export function typesOf(type: unknown): readonly unknown[] {
  return typeof type === 'string' ? [type] : list(type);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
