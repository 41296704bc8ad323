import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { describeMachine } from './harness/machine.js';
import { renderTable } from './harness/table.js';
import { BENCHMARKS } from './registry.js';

const USAGE = `Usage: npm run bench -- <name> [--json FILE] [--rounds N] [--count N]
Benchmarks: ${Object.keys(BENCHMARKS).join(', ')}`;

const DEFAULT_ROUNDS = 5;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      rounds: { type: 'string' },
      count: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const [name = ''] = positionals;
  const load = BENCHMARKS[name];
  const asked = values.rounds === undefined ? undefined : Number(values.rounds);
  const count = values.count === undefined ? undefined : Number(values.count);
  if (values.help === true || load === undefined || !isNumber(asked) || !isNumber(count)) {
    console.error(USAGE);
    return values.help === true ? 0 : 2;
  }
  const machine = describeMachine();
  const benchmark = await load();
  const rounds = asked ?? benchmark.defaultRounds ?? DEFAULT_ROUNDS;
  console.error(`${benchmark.name}: ${benchmark.description}`);
  console.error(`${machine.cpu}, ${machine.cores} cores, load ${machine.load}, Node ${machine.node}`);
  const rows = await benchmark.run({ rounds, count, progress: (text) => console.error(`  ${text}`) });
  console.log(renderTable(rows));
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ name: benchmark.name, machine, rows }, null, 2)}\n`);
  }
  return 0;
}

const isNumber = (value: number | undefined): boolean =>
  value === undefined || (Number.isInteger(value) && value >= 1);

process.exitCode = await main();
