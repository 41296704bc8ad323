import { quoted } from './grammar-terminals.js';
import { JsonGrammar } from './json-grammar.js';
import type { CallableTool, JsonStructure, OutputStructure } from './output-structure.js';
import { CALL_BEGIN, CALL_END } from './tool-call-marks.js';

/** Calls that one answer may make. */
const MOST_CALLS = 16;

/** Either a grammar that the whole answer follows, or text in which grammars take over at marks. */
export type StructureGrammar =
  | { readonly kind: 'ebnf'; readonly text: string }
  | { readonly kind: 'tags'; readonly tag: Readonly<Record<string, unknown>> };

/** The grammar of a structure. Throws `invalid_request` for a schema that nothing satisfies. */
export function grammarOf(structure: OutputStructure): StructureGrammar {
  const json = new JsonGrammar();
  if (structure.kind !== 'tool-calls') return ebnf(json, jsonRule(json, structure));
  const { choice, parallel, otherwise } = structure;
  const tools =
    typeof choice === 'object' ? structure.tools.filter(({ name }) => name === choice.name) : structure.tools;
  const call = callRule(json, tools);
  if (choice === 'auto' && otherwise === undefined) return inText(json, call, parallel);
  const marked = `${quoted(CALL_BEGIN)} ${call} ${quoted(CALL_END)}`;
  const calls = parallel ? `${marked} (ws ${marked}){0,${MOST_CALLS - 1}}` : marked;
  return ebnf(json, otherwise === undefined ? calls : `${jsonRule(json, otherwise)} | ${calls}`);
}

function jsonRule(json: JsonGrammar, structure: JsonStructure): string {
  return structure.kind === 'json-object' ? 'object' : json.add(structure.schema);
}

/** What stands between the marks, as an expression in parentheses. */
function callRule(json: JsonGrammar, tools: readonly CallableTool[]): string {
  const calls = tools.map(
    ({ name, parameters }) =>
      `${quoted(JSON.stringify(name))} ws "," ws "\\"arguments\\"" ws ":" ws ${json.add(parameters)}`,
  );
  return `(ws "{" ws "\\"name\\"" ws ":" ws (${calls.join(' | ')}) ws "}" ws)`;
}

function ebnf(json: JsonGrammar, root: string): StructureGrammar {
  return { kind: 'ebnf', text: `${json.text()}\nroot ::= ${root}` };
}

function inText(json: JsonGrammar, call: string, parallel: boolean): StructureGrammar {
  const grammar = `${json.text()}\nroot ::= ${call}`;
  const tag = { type: 'tag', begin: CALL_BEGIN, content: { type: 'grammar', grammar }, end: CALL_END };
  const format = { type: 'triggered_tags', triggers: [CALL_BEGIN], tags: [tag], stop_after_first: !parallel };
  return { kind: 'tags', tag: { type: 'structural_tag', format } };
}
