import { createHash } from 'node:crypto';
import { DomainError } from '@trivium/contracts';
import { loadXgrammar, type Xgrammar } from './load-xgrammar.js';
import type { OutputStructure } from './output-structure.js';
import { grammarOf, type StructureGrammar } from './structure-grammar.js';

/** Compiled grammars kept for requests that ask for the same form. */
const MOST_KEPT = 32;
const MOST_GRAMMAR_CHARACTERS = 1024 * 1024;

export interface ConstraintVocabulary {
  /** By id, spelled as the tokenizer does; '' where a token stands for no text of an answer: it is never allowed. */
  readonly tokens: readonly string[];
  readonly encoding: 'byte_level' | 'byte_fallback' | 'raw';
  /** Logits of the model, of which there may be more than tokens. */
  readonly size: number;
  /** Any of them ends an answer, where its form is complete. */
  readonly stopTokens: readonly number[];
}

/** Says of one answer, token after token, what may come next. */
export interface TokenConstraint extends Disposable {
  /** Bit `id & 31` of word `id >>> 5` is set: the token may come next. undefined: all may. */
  allowed(): Promise<Int32Array | undefined>;
  /** Takes the token that came next. Throws `internal` when it was not allowed. */
  accept(token: number): void;
  /** Whether a stop token was accepted. */
  readonly terminated: boolean;
}

type Matcher = Awaited<ReturnType<Xgrammar['GrammarMatcher']['createGrammarMatcher']>>;
type Compiled = Awaited<ReturnType<Xgrammar['GrammarCompiler']['prototype']['compileGrammar']>>;

interface Engine {
  readonly xgrammar: Xgrammar;
  readonly compiler: Awaited<ReturnType<Xgrammar['GrammarCompiler']['createGrammarCompiler']>>;
  readonly tokenizer: Awaited<ReturnType<Xgrammar['TokenizerInfo']['createTokenizerInfo']>>;
}

/** Prepares a vocabulary once, for all constraints over it. */
export async function createConstraintCompiler(
  vocabulary: ConstraintVocabulary,
): Promise<ConstraintCompiler> {
  return new ConstraintCompiler(vocabulary, await startEngine(vocabulary));
}

export class ConstraintCompiler implements Disposable {
  /** Least recently used first. */
  readonly #kept = new Map<string, Compiled>();
  #engine: Engine | undefined;
  /** One grammar is compiled at a time, so that none is given up while a constraint is made of it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly vocabulary: ConstraintVocabulary,
    engine: Engine,
  ) {
    this.#engine = engine;
  }

  /**
   * A constraint at the beginning of an answer. Blocks for as long as the grammar takes to compile, unless
   * it is kept. Throws `invalid_request` for schemas that cannot be satisfied or are too large.
   */
  compile(structure: OutputStructure): Promise<TokenConstraint> {
    const compiled = this.#last.then(() => this.#compile(structure));
    this.#last = compiled.catch(() => undefined);
    return compiled;
  }

  /** Constraints that were made stay usable: what they stand on is counted. */
  [Symbol.dispose](): void {
    this.#last = this.#last.then(() => this.#end());
  }

  async #compile(structure: OutputStructure): Promise<TokenConstraint> {
    if (this.#engine === undefined) throw new DomainError('unavailable', 'The model is being unloaded.');
    const key = createHash('sha256').update(JSON.stringify(structure)).digest('base64');
    let compiled = this.#kept.get(key);
    if (compiled === undefined) {
      const grammar = grammarOf(structure);
      try {
        compiled = await compileGrammar(this.#engine, grammar);
      } catch (cause) {
        if (DomainError.is(cause)) throw cause;
        // @NOTE an instance that has aborted is in no known state
        this.#end();
        this.#engine = await startEngine(this.vocabulary);
        throw new DomainError('invalid_request', 'The form that was asked for cannot be enforced.', {
          cause,
        });
      }
    }
    this.#kept.delete(key);
    this.#kept.set(key, compiled);
    this.#forget(MOST_KEPT);
    const matcher = await this.#engine.xgrammar.GrammarMatcher.createGrammarMatcher(compiled);
    return new GrammarConstraint(matcher, this.vocabulary);
  }

  #end(): void {
    this.#forget(0);
    this.#engine?.compiler.dispose();
    this.#engine?.tokenizer.dispose();
    this.#engine = undefined;
  }

  #forget(most: number): void {
    for (const [key, compiled] of this.#kept) {
      if (this.#kept.size <= most) return;
      this.#kept.delete(key);
      compiled.dispose();
    }
  }
}

class GrammarConstraint implements TokenConstraint {
  #matcher: Matcher | undefined;
  #terminated = false;
  /** All bits that stand for tokens. */
  readonly #words: number;

  constructor(
    matcher: Matcher,
    private readonly vocabulary: ConstraintVocabulary,
  ) {
    this.#matcher = matcher;
    this.#words = Math.ceil(vocabulary.size / 32);
  }

  get terminated(): boolean {
    return this.#terminated;
  }

  async allowed(): Promise<Int32Array | undefined> {
    const mask = (await this.#live().getNextTokenBitmask()).subarray(0, this.#words);
    const { size, tokens } = this.vocabulary;
    for (let id = tokens.length; id < this.#words * 32; id += 1) clear(mask, id);
    if (mask.every((word) => word === 0)) {
      throw new DomainError('invalid_output', 'No token of the model continues the form that was asked for.');
    }
    return full(mask, size) ? undefined : mask;
  }

  accept(token: number): void {
    const matcher = this.#live();
    if (!matcher.acceptToken(token)) throw new DomainError('internal', 'The token was not allowed here.');
    this.#terminated = matcher.isTerminated();
  }

  [Symbol.dispose](): void {
    this.#matcher?.dispose();
    this.#matcher = undefined;
  }

  #live(): Matcher {
    if (this.#matcher === undefined || this.#terminated)
      throw new DomainError('internal', 'The answer has ended.');
    return this.#matcher;
  }
}

function clear(mask: Int32Array, id: number): void {
  mask[id >>> 5] = (mask[id >>> 5] ?? 0) & ~(1 << (id & 31));
}

function full(mask: Int32Array, size: number): boolean {
  const whole = size >>> 5;
  for (let word = 0; word < whole; word += 1) if (mask[word] !== -1) return false;
  return (size & 31) === 0 || mask[whole] === (1 << (size & 31)) - 1;
}

async function startEngine({ tokens, encoding, size, stopTokens }: ConstraintVocabulary): Promise<Engine> {
  const xgrammar = await loadXgrammar();
  const tokenizer = await xgrammar.TokenizerInfo.createTokenizerInfo([...tokens], encoding, false, size, [
    ...stopTokens,
  ]);
  return {
    xgrammar,
    tokenizer,
    compiler: await xgrammar.GrammarCompiler.createGrammarCompiler(tokenizer, false),
  };
}

async function compileGrammar({ compiler }: Engine, grammar: StructureGrammar): Promise<Compiled> {
  if (JSON.stringify(grammar).length > MOST_GRAMMAR_CHARACTERS) {
    throw new DomainError('invalid_request', 'The form that was asked for is too large to be enforced.');
  }
  return grammar.kind === 'ebnf'
    ? await compiler.compileGrammar(grammar.text)
    : await compiler.compileStructuralTag(grammar.tag);
}
