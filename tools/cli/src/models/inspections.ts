import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { CliError, EXIT } from '../server/cli-error.js';
import { facts, table } from '../terminal/table.js';
import { coloured, show, type Terminal } from '../terminal/terminal.js';
import { bytes } from '../terminal/units.js';

const Value = z.looseObject({
  name: z.string(),
  type: z.string(),
  shape: z.array(z.union([z.number(), z.string()])).optional(),
});

/** Of a `ModelInspection` of @trivium/onnx what is shown; the server sends the same. */
export const Inspected = z.looseObject({
  producer: z.string(),
  irVersion: z.number(),
  operatorSets: z.array(z.looseObject({ domain: z.string(), version: z.number() })),
  inputs: z.array(Value),
  outputs: z.array(Value),
  operators: z.array(z.looseObject({ operator: z.string(), count: z.number() })),
  parameters: z.looseObject({
    parameters: z.number(),
    bytes: z.number(),
    byType: z.record(z.string(), z.looseObject({ parameters: z.number() })),
  }),
  fileBytes: z.number(),
  externalData: z.array(z.looseObject({ bytes: z.number() })),
  estimatedLoadBytes: z.number(),
  estimatedRunBytes: z.number().optional(),
  customOperators: z.array(z.string()),
});
type Inspected = z.output<typeof Inspected>;

/** What is in an `.onnx` file on this machine; no server is asked. */
export async function inspectFile(path: string, terminal: Terminal): Promise<void> {
  const content = await readFile(path).catch(() => {
    throw new CliError(`There is no file ${path}.`, EXIT.notFound);
  });
  // Loaded here only: the other commands need no ONNX.
  const { inspectModel } = await import('@trivium/onnx');
  const inspection = await inspectModel(content, { folder: dirname(path) }).catch((error: unknown) => {
    throw new CliError(`${path}: ${error instanceof Error ? error.message : String(error)}`, EXIT.refused);
  });
  show(terminal, inspection, () => describeInspection(Inspected.parse(inspection), terminal));
}

export function describeInspection(found: Inspected, terminal: Terminal): string[] {
  const external = found.externalData.reduce((sum, file) => sum + file.bytes, 0);
  const types = Object.entries(found.parameters.byType).map(
    ([type, { parameters }]) => `${type} ${parameters.toLocaleString('en')}`,
  );
  const custom = found.customOperators.join(', ');
  return [
    ...facts([
      ['made by', found.producer],
      ['ONNX', `IR ${found.irVersion}, ${found.operatorSets.map(operatorSet).join(', ')}`],
      ['size', bytes(found.fileBytes) + (external > 0 ? ` and ${bytes(external)} beside it` : '')],
      ['parameters', `${found.parameters.parameters.toLocaleString('en')} (${types.join(', ')})`],
      ['memory', `${bytes(found.estimatedLoadBytes)} to load (estimated)`],
      [
        'a run takes',
        found.estimatedRunBytes === undefined ? undefined : `${bytes(found.estimatedRunBytes)} more`,
      ],
      ['custom operators', custom === '' ? undefined : coloured('red', `${custom}: refused`, terminal)],
    ]),
    '',
    ...table(['INPUT', 'TYPE', 'SHAPE'], found.inputs.map(value)),
    '',
    ...table(['OUTPUT', 'TYPE', 'SHAPE'], found.outputs.map(value)),
    '',
    ...table(
      ['OPERATOR', 'COUNT'],
      found.operators.map(({ operator, count }) => [operator, String(count)]),
    ),
  ];
}

function operatorSet({ domain, version }: { domain: string; version: number }): string {
  return `${domain || 'ai.onnx'} ${version}`;
}

function value({ name, type, shape }: z.output<typeof Value>): string[] {
  return [name, type, shape === undefined ? 'any' : `[${shape.join(', ')}]`];
}
