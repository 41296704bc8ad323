import { DomainError } from '@trivium/contracts';
import {
  isSchemaObject,
  list,
  mergeSchemas,
  type Schema,
  type SchemaObject,
  typesOf,
} from './merge-schemas.js';
import { classChar, countOf, literal, quoted, stringExpression } from './grammar-terminals.js';
import { integerExpression, numberExpression } from './number-grammar.js';
import { Repetitions } from './repetitions.js';
import { schemaAt } from './schema-pointer.js';

/** Rules that every grammar has. White space is bounded: a model can never run on in blanks. */
const SHARED = String.raw`
ws ::= [ \n\t]{0,2}
hex ::= [0-9A-Fa-f]
escape ::= ["\\/bfnrt] | "u" ([0-9A-Ca-cE-Fe-f] hex hex hex | [Dd] [0-7] hex hex | [Dd] [89ABab] hex hex "\\u" [Dd] [C-Fc-f] hex hex)
char ::= [^"\\\x00-\x1f] | "\\" escape
string ::= "\"" char* "\""
number ::= NUMBER
integer ::= "-"? ("0" | [1-9] [0-9]{0,14})
any ::= string | number | "true" | "false" | "null" | array | object
array ::= "[" ws (any (ws "," ws any)* ws)? "]"
object ::= "{" ws (string ws ":" ws any (ws "," ws string ws ":" ws any)* ws)? "}"
`;
const MOST_RULES = 4096;
/** Schemas looked at, those that references lead to each time again. */
const MOST_STEPS = 20_000;
const MOST_NESTED = 64;
const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
/**
 * Translates JSON Schemas to a grammar in XGrammar's EBNF. All that the grammar lets through is JSON; it is
 * also valid by the schema for the keywords that this class knows. Of the others (`pattern`, `multipleOf`,
 * `uniqueItems`, `not`, `if`, `contains` …) the grammar knows nothing: a finished answer is checked anyway.
 * Members come in the schema's order; where `additionalProperties` is not given, an object with `properties`
 * has no others.
 */
export class JsonGrammar {
  readonly #rules: string[] = [];
  /** Of rules by what they say: tools and members often say the same, and grammars compile in square time. */
  readonly #names = new Map<string, string>();
  readonly #references = new Map<string, string | undefined>();
  readonly #repetitions = new Repetitions();
  #steps = 0;
  #root: Schema = true;

  /** Rules of all schemas added so far and of JSON in general; the caller adds a rule `root`. */
  text(): string {
    const shared = SHARED.trim().replace('NUMBER', numberExpression({}));
    return [shared, ...this.#rules].join('\n');
  }

  /** Name of the rule for `schema`. Throws `invalid_request` where nothing can satisfy it. */
  add(schema: Schema): string {
    this.#root = schema;
    this.#references.clear();
    const expression = this.#expression(schema, [], 0);
    if (expression === undefined) throw unsatisfiable();
    return this.#rule(expression);
  }

  #rule(expression: string): string {
    if (/^[a-z]\w*$/.test(expression)) return expression;
    const known = this.#names.get(expression);
    if (known !== undefined) return known;
    if (this.#rules.length >= MOST_RULES) throw tooLarge();
    const name = `r${this.#rules.length}`;
    this.#rules.push(`${name} ::= ${expression}`);
    this.#names.set(expression, name);
    return name;
  }

  /** `open`: references that were followed since the last character; following one again adds nothing. */
  #expression(schema: Schema, open: readonly string[], depth: number): string | undefined {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw tooLarge();
    if (schema === true) return 'any';
    if (schema === false) return undefined;
    if (depth > MOST_NESTED) return 'any';
    if (typeof schema['$ref'] === 'string') return this.#reference(schema['$ref'], schema, open, depth);
    const { allOf, ...rest } = schema;
    if (Array.isArray(allOf)) {
      const merged = (allOf as Schema[]).map((part) => this.#resolved(part)).reduce(mergeSchemas, rest);
      return this.#expression(merged, open, depth + 1);
    }
    for (const keyword of ['anyOf', 'oneOf']) {
      if (!Array.isArray(schema[keyword])) continue;
      const { [keyword]: options, ...base } = schema;
      const bare = Object.keys(base).every((key) => !CONSTRAINS.has(key));
      return this.#either(options as Schema[], (option) =>
        this.#expression(bare ? option : mergeSchemas(base, this.#resolved(option)), open, depth + 1),
      );
    }
    if ('const' in schema) return allowedBy(schema, schema['const']) ? literal(schema['const']) : undefined;
    if (Array.isArray(schema['enum'])) {
      return this.#either(
        schema['enum'].filter((value) => allowedBy(schema, value)),
        literal,
      );
    }
    return this.#either(typesIn(schema), (type) => this.#typed(schema, type, depth + 1));
  }

  #either<T>(options: readonly T[], expressionOf: (option: T) => string | undefined): string | undefined {
    const all = options.map(expressionOf).filter((expression) => expression !== undefined);
    if (all.length < 2) return all[0];
    return all.map((expression) => this.#rule(expression)).join(' | ');
  }

  #reference(
    reference: string,
    { $ref: _, ...siblings }: SchemaObject,
    open: readonly string[],
    depth: number,
  ): string | undefined {
    if (open.includes(reference)) return undefined;
    const target = schemaAt(this.#root, reference);
    if (target === undefined) throw unknownReference();
    const followed = [...open, reference];
    if (Object.keys(siblings).some((key) => CONSTRAINS.has(key))) {
      return this.#expression(mergeSchemas(siblings, target), followed, depth + 1);
    }
    // @NOTE what a reference means depends on those that are open, which can only be some of the same cycle
    const key = followed.join(' ');
    if (this.#references.has(key)) return this.#references.get(key);
    const index = this.#rules.length;
    const name = this.#rule(`any # ${index}`);
    this.#references.set(key, name);
    const expression = this.#expression(target, followed, 0);
    this.#rules[index] = `${name} ::= ${expression ?? 'any'}`;
    if (expression === undefined) this.#references.set(key, undefined);
    return this.#references.get(key);
  }

  #resolved(schema: Schema): Schema {
    const seen = new Set<string>();
    let resolved = schema;
    while (isSchemaObject(resolved) && typeof resolved['$ref'] === 'string') {
      const { $ref, ...siblings } = resolved;
      const target = schemaAt(this.#root, $ref as string);
      if (target === undefined) throw unknownReference();
      if (seen.has($ref as string)) return siblings;
      seen.add($ref as string);
      resolved = mergeSchemas(siblings, target);
    }
    return resolved;
  }

  #typed(schema: SchemaObject, type: string, depth: number): string | undefined {
    switch (type) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return this.#array(schema, depth);
      case 'string':
        return stringExpression(schema, this.#repetitions);
      case 'number':
        return numberExpression(schema);
      case 'integer':
        return integerExpression(schema);
      case 'boolean':
        return '"true" | "false"';
      default:
        return '"null"';
    }
  }

  #array(schema: SchemaObject, depth: number): string | undefined {
    const least = countOf(schema['minItems']) ?? 0;
    const most = countOf(schema['maxItems']) ?? Infinity;
    if (least > most) return undefined;
    if (most === 0) return '"[" ws "]"';
    const prefix = list(schema['prefixItems']).slice(0, most);
    const items: string[] = [];
    for (const item of prefix) {
      const expression = this.#expression(item as Schema, [], depth);
      if (expression === undefined) break;
      items.push(this.#rule(expression));
    }
    const given = items.length;
    const open = given === prefix.length && given < most;
    const rest = open ? this.#expression((schema['items'] ?? true) as Schema, [], depth) : undefined;
    if (rest === undefined && given < least) return undefined;
    if (rest === undefined) return `"[" ws ${items.map((item) => `${item} ws`).join(' "," ws ')} "]"`;
    const item = this.#rule(rest);
    const first = given > 0 ? items.join(' ws "," ws ') : item;
    const before = Math.max(1, given);
    const filled = `${first} ${this.#repetitions.of(`(ws "," ws ${item})`, least - before, most - before)} ws`;
    return least === 0 && given === 0 ? `"[" ws (${filled})? "]"` : `"[" ws ${filled} "]"`;
  }

  #object(schema: SchemaObject, depth: number): string | undefined {
    const properties = isSchemaObject(schema['properties']) ? schema['properties'] : {};
    const required = new Set(list(schema['required']).map(String));
    const declared = Object.keys(properties);
    const others = schema['additionalProperties'] ?? declared.length === 0;
    const members: { readonly pair: string; readonly needed: boolean }[] = [];
    for (const name of [...declared, ...[...required].filter((key) => !Object.hasOwn(properties, key))]) {
      const value = (
        Object.hasOwn(properties, name) ? properties[name] : (schema['additionalProperties'] ?? true)
      ) as Schema;
      const expression = this.#expression(value, [], depth);
      if (expression === undefined && required.has(name)) return undefined;
      if (expression === undefined) continue;
      const pair = this.#rule(`${quoted(JSON.stringify(name))} ws ":" ws ${this.#rule(expression)}`);
      members.push({ pair, needed: required.has(name) });
    }
    const other = this.#expression(others as Schema, [], depth);
    const key = other === undefined ? '' : this.#keyExcept([...declared, ...required]);
    const pair = other === undefined ? undefined : this.#rule(`${key} ws ":" ws ${this.#rule(other)}`);
    const least = members.length === 0 ? (countOf(schema['minProperties']) ?? 0) : 0;
    const most = (countOf(schema['maxProperties']) ?? Infinity) - members.length;
    if (least > Math.max(0, most) || (least > 0 && pair === undefined)) return undefined;
    return `"{" ws ${this.#members(members, pair, least, most)} "}"`;
  }

  /** Chains of rules, from the last member back: `rest` where a member came before, `first` where none did. */
  #members(
    members: readonly { readonly pair: string; readonly needed: boolean }[],
    other: string | undefined,
    least: number,
    most: number,
  ): string {
    const some = other !== undefined && most > 0;
    let rest = some ? this.#rule(`${this.#repetitions.of(`(ws "," ws ${other})`, 0, most)} ws`) : 'ws';
    let first: string | undefined = '""';
    if (some) {
      const filled = `${other} ${this.#repetitions.of(`(ws "," ws ${other})`, least - 1, most - 1)} ws`;
      first = this.#rule(least === 0 ? `(${filled})?` : filled);
    }
    for (const { pair, needed } of members.toReversed()) {
      const starts: string = `${pair} ${rest}`;
      first = this.#rule(needed || first === undefined ? starts : `${starts} | ${first}`);
      rest = this.#rule(needed ? `ws "," ws ${starts}` : `ws "," ws ${starts} | ${rest}`);
    }
    return first;
  }

  /** Strings, without escapes, other than `names`: a declared member must not come again with another value. */
  #keyExcept(names: readonly string[]): string {
    if (names.length === 0) return 'string';
    const branch = (suffixes: readonly string[]): string => {
      const heads = Map.groupBy(
        suffixes.filter((suffix) => suffix !== ''),
        (suffix) => String.fromCodePoint(suffix.codePointAt(0) ?? 0),
      );
      const excluded = [...heads.keys()].map(classChar).join('');
      const parts = [`[^"\\\\\\x00-\\x1f${excluded}] plain* "\\""`];
      if (!suffixes.includes('')) parts.push('"\\""');
      for (const [head, tails] of heads) {
        if (!/^[^"\\\p{Cc}]$/u.test(head)) continue;
        parts.push(`${quoted(head)} ${branch(tails.map((tail) => tail.slice(head.length)))}`);
      }
      return this.#rule(parts.join(' | '));
    };
    if (!this.#rules.includes(PLAIN)) this.#rules.push(PLAIN);
    return this.#rule(`"\\"" ${branch([...new Set(names)])}`);
  }
}

const PLAIN = 'plain ::= [^"\\\\\\x00-\\x1f]';
/** Keywords beside a `$ref`, `anyOf` or `oneOf` that say something about the value. */
const CONSTRAINS = new Set(
  (
    'type enum const properties required additionalProperties minProperties maxProperties items prefixItems minItems ' +
    'maxItems minLength maxLength format minimum maximum exclusiveMinimum exclusiveMaximum anyOf oneOf allOf $ref'
  ).split(' '),
);

/** Types that a schema may have; where it does not say, those that its keywords speak about. */
function typesIn(schema: SchemaObject): readonly string[] {
  if (schema['type'] !== undefined) {
    const types = typesOf(schema['type']).map(String);
    return types.includes('number') ? types.filter((type) => type !== 'integer') : types;
  }
  const has = (...keywords: string[]): boolean => keywords.some((keyword) => keyword in schema);
  if (has('properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'))
    return ['object'];
  if (has('items', 'prefixItems', 'minItems', 'maxItems')) return ['array'];
  if (has('minLength', 'maxLength', 'pattern', 'format')) return ['string'];
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return ['number'];
  return TYPES.filter((type) => type !== 'integer');
}

function allowedBy(schema: SchemaObject, value: unknown): boolean {
  if (schema['type'] === undefined) return true;
  const types = typesOf(schema['type']);
  if (value === null) return types.includes('null');
  if (Array.isArray(value)) return types.includes('array');
  if (typeof value === 'number' && Number.isInteger(value) && types.includes('integer')) return true;
  return types.includes(typeof value);
}

function unsatisfiable(): DomainError {
  return new DomainError('invalid_request', 'No value can satisfy this JSON Schema.');
}

function unknownReference(): DomainError {
  return new DomainError('invalid_request', 'A $ref of this JSON Schema leads nowhere.');
}

function tooLarge(): DomainError {
  return new DomainError('invalid_request', 'This JSON Schema is too large to be enforced.');
}
