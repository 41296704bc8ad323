type SnakeKey<Key> = Key extends `${infer Head}${infer Tail}`
  ? Head extends Lowercase<Head>
    ? `${Head}${SnakeKey<Tail>}`
    : `_${Lowercase<Head>}${SnakeKey<Tail>}`
  : Key;

/** The same value with its keys as clients of a JSON API write them: `buyerTaxId` becomes `buyer_tax_id`. */
export type SnakeCase<Value> = Value extends readonly unknown[]
  ? { [Index in keyof Value]: SnakeCase<Value[Index]> }
  : Value extends object
    ? { [Key in keyof Value as SnakeKey<Key>]: SnakeCase<Value[Key]> }
    : Value;

export function snakeCase<Value>(value: Value): SnakeCase<Value> {
  if (Array.isArray(value)) return value.map(snakeCase) as SnakeCase<Value>;
  if (typeof value !== 'object' || value === null) return value as SnakeCase<Value>;
  return Object.fromEntries(
    Object.entries(value).map(([key, nested]) => [snakeKey(key), snakeCase(nested)]),
  ) as SnakeCase<Value>;
}

export function snakeKey(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
