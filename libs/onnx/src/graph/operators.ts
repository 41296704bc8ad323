import { DomainError } from '@trivium/contracts';
import { graphsOf, type ModelProto, type NodeProto } from './onnx-format.js';

/** Whose operators ONNX Runtime brings along; every other domain would need a library of native code. */
const DOMAINS: ReadonlySet<string> = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'com.microsoft',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
]);

/** `Operator`, or `domain:Operator` outside the standard. */
export function operatorName({ opType, domain = '' }: Pick<NodeProto, 'opType' | 'domain'>): string {
  return domain === '' || domain === 'ai.onnx' ? opType : `${domain}:${opType}`;
}

/** All nodes: of the graph, of graphs inside nodes, of the model's own functions. */
export function allNodes({ graph, functions = [] }: ModelProto): NodeProto[] {
  const own = [...graphsOf(graph)].flatMap(({ node }) => node);
  const inner = functions.flatMap(({ node }) => node);
  return [...own, ...inner];
}

/** Operators that neither ONNX Runtime nor the model itself defines. */
export function customOperators(model: ModelProto): string[] {
  const defined = new Set((model.functions ?? []).map(({ name, domain }) => `${domain ?? ''}:${name ?? ''}`));
  const foreign = allNodes(model).filter(
    ({ domain = '', opType }) => !DOMAINS.has(domain) && !defined.has(`${domain}:${opType}`),
  );
  return [...new Set(foreign.map(operatorName))];
}

/** @throws DomainError `invalid_request` that names the operators */
export function refuseCustomOperators(model: ModelProto): void {
  const operators = customOperators(model);
  if (operators.length === 0) return;
  throw new DomainError('invalid_request', `Custom operators are not run: ${operators.join(', ')}`, {
    details: { operators },
  });
}
