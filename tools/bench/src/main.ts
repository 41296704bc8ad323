import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { describeMachine } from './harness/machine.js';
import { renderTable } from './harness/table.js';
import { BENCHMARKS } from './registry.js';

const USAGE = `Usage: npm run bench -- <name> [--json FILE] [--rounds N]
Benchmarks: ${Object.keys(BENCHMARKS).join(', ')}`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      help: { type: 'boolean' },
    },
  });
  const [name = ''] = positionals;
  const load = BENCHMARKS[name];
  const rounds = Number(values.rounds);
  if (values.help === true || load === undefined || !Number.isInteger(rounds) || rounds < 1) {
    console.error(USAGE);
    return values.help === true ? 0 : 2;
  }
  const machine = describeMachine();
  const benchmark = await load();
  console.error(`${benchmark.name}: ${benchmark.description}`);
  console.error(`${machine.cpu}, ${machine.cores} cores, load ${machine.load}, Node ${machine.node}`);
  const rows = await benchmark.run({ rounds, progress: (text) => console.error(`  ${text}`) });
  console.log(renderTable(rows));
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ name: benchmark.name, machine, rows }, null, 2)}\n`);
  }
  return 0;
}

process.exitCode = await main();
