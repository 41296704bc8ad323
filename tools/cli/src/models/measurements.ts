import { z } from 'zod';
import { facts, table } from '../terminal/table.js';
import { bytes, duration } from '../terminal/units.js';
import { flat, word } from './flat.js';

const Pair = z.looseObject({ reference: z.number(), variant: z.number(), ratio: z.number() });
const Quantized = z.looseObject({
  fileBytes: Pair,
  loadBytes: Pair,
  runBytes: Pair,
  p50Ms: Pair,
  metric: z.string(),
  agreement: z.looseObject({ mean: z.number(), worst: z.number(), samples: z.number() }),
  threshold: z.number(),
  passed: z.boolean(),
  published: z.boolean(),
  version: z.string().optional(),
});

const Operator = z.looseObject({
  operator: z.string(),
  nodes: z.number(),
  totalMs: z.number(),
  meanMs: z.number(),
  share: z.number(),
});

/** What a variant gains, and whether it still says the same. */
export function describeQuantization(name: string, result: Readonly<Record<string, unknown>>): string[] {
  const { data } = Quantized.safeParse(result);
  if (data === undefined) return [`${name}:`, ...table(['MEASURED', ''], flat(result))];
  const { fileBytes, loadBytes, runBytes, p50Ms, agreement } = data;
  const row = (title: string, pair: z.output<typeof Pair>, unit: (value: number) => string): string[] => [
    title,
    unit(pair.reference),
    unit(pair.variant),
    `${Math.round(pair.ratio * 100)} %`,
  ];
  return [
    ...table(
      ['MEASURED', 'FP32', 'VARIANT', 'RATIO'],
      [
        row('file', fileBytes, bytes),
        row('memory loaded', loadBytes, bytes),
        row('memory in a run', runBytes, bytes),
        row('p50 of a run', p50Ms, duration),
      ],
    ),
    '',
    ...facts([
      [
        'agreement',
        `${data.metric} ${word(agreement.mean)}, at worst ${word(agreement.worst)}, of ${agreement.samples} inputs; needed: ${data.threshold}`,
      ],
      ['outcome', outcome(name, data)],
    ]),
  ];
}

/** Where the time of a run goes, by kind of operator. */
export function describeOperators(operators: readonly Readonly<Record<string, unknown>>[]): string[] {
  const { data } = z.array(Operator).safeParse(operators);
  if (data === undefined) {
    const heads = Object.keys(operators[0] ?? {});
    return table(
      heads.map((head) => head.toUpperCase()),
      operators.map((each) => heads.map((head) => word(each[head]))),
    );
  }
  return table(
    ['OPERATOR', 'NODES', 'ALL RUNS', 'ONE NODE', 'SHARE'],
    data.map((each) => [
      each.operator,
      String(each.nodes),
      duration(each.totalMs),
      duration(each.meanMs),
      `${(each.share * 100).toFixed(1)} %`,
    ]),
  );
}

function outcome(name: string, { passed, published, version }: z.output<typeof Quantized>): string {
  if (!passed) return 'agrees too little, not published';
  return published ? `published in version ${version ?? '?'}; ask for ${name}` : 'good enough, not published';
}
