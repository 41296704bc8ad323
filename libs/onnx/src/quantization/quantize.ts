import { DomainError } from '@trivium/contracts';
import { decodeModel, encodeModel, graphsOf, type ModelProto, type NodeProto } from '../graph/onnx-format.js';
import { dropUnused } from '../graph/scope.js';
import { simplifyModel } from '../graph/simplify-model.js';
import { toHalfPrecision } from './fp16.js';
import { Int4Pass } from './int4.js';
import { Int8Pass } from './int8.js';
import { Ledger, type QuantizationReport, type QuantizedVariant } from './report.js';
import { MICROSOFT, rewriteWeights, type WeightPass } from './weight-pass.js';

export interface QuantizeOptions {
  readonly variant: QuantizedVariant;
  /** Names of nodes, or of their first outputs, that stay as they are. */
  readonly exclude?: readonly string[] | undefined;
  /** Nodes with fewer weights stay, for int8 and int4. */
  readonly leastWeights?: number | undefined;
  /** For int4: no zero points. Smaller and a little quicker, a little less exact. */
  readonly symmetric?: boolean | undefined;
}

export interface Quantized {
  readonly bytes: Uint8Array;
  readonly report: QuantizationReport;
}

const LEAST_WEIGHTS = 1_024;
/** Format version from which constants need not be inputs of the graph as well. */
const FREE_CONSTANTS = 4;

/**
 * A variant of a float32 model in fewer bits, with the same inputs and outputs. See
 * docs/architecture/precision.md for what becomes of each operator.
 * @throws DomainError `unsupported_media` when the bytes are no ONNX model; `invalid_request` when
 *   `exclude` names no node, when the model holds what the variant cannot have, or when nothing changes
 */
export function quantize(bytes: Uint8Array, options: QuantizeOptions): Quantized {
  const { variant, exclude = [], leastWeights = LEAST_WEIGHTS } = options;
  const model = decodeModel(simplifyModel(bytes));
  freeConstants(model);
  const isExcluded = exclusion(model, exclude);
  const ledger = new Ledger();
  if (variant === 'fp16') toHalfPrecision(model, isExcluded, ledger);
  else rewriteWeights(model.graph, weightPass(model, options), { leastWeights, isExcluded }, ledger);
  const { changed, kept } = ledger;
  if (changed.length === 0) {
    throw new DomainError('invalid_request', `The model has nothing that ${variant} would change`, {
      param: 'variant',
      details: { kept: kept.slice(0, 20) },
    });
  }
  if (variant !== 'fp16') importDomain(model, MICROSOFT);
  dropUnused(model.graph);
  const made = encodeModel(model);
  return {
    bytes: made,
    report: { variant, changed, kept, bytesBefore: bytes.byteLength, bytesAfter: made.byteLength },
  };
}

function weightPass(model: ModelProto, { variant, symmetric = false }: QuantizeOptions): WeightPass {
  if (variant === 'int4') return new Int4Pass(symmetric);
  const standard = model.opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx');
  return new Int8Pass(standard?.version ?? 1);
}

function exclusion(model: ModelProto, exclude: readonly string[]): (node: NodeProto) => boolean {
  const names = ({ name = '', output: [first = ''] }: NodeProto): string[] => [name, first];
  const known = new Set([...graphsOf(model.graph)].flatMap(({ node }) => node.flatMap(names)));
  const unknown = exclude.findIndex((name) => name === '' || !known.has(name));
  if (unknown >= 0) {
    throw new DomainError('invalid_request', `The model has no node ${exclude[unknown] ?? ''}`, {
      param: `exclude[${unknown}]`,
    });
  }
  const excluded = new Set(exclude);
  return (node) => names(node).some((name) => excluded.has(name));
}

/** In old files constants are inputs as well, which later versions read as: may be replaced by the caller. */
function freeConstants(model: ModelProto): void {
  if (model.irVersion >= FREE_CONSTANTS) return;
  for (const graph of graphsOf(model.graph)) {
    const constants = new Set(graph.initializer.map(({ name }) => name ?? ''));
    graph.input = graph.input.filter(({ name }) => !constants.has(name));
  }
  model.irVersion = FREE_CONSTANTS;
}

function importDomain(model: ModelProto, domain: string): void {
  if (model.opsetImport.some((one) => one.domain === domain)) return;
  model.opsetImport.push({ domain, version: 1 });
}
