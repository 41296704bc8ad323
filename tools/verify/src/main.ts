import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unguardedImports } from './canary.js';
import { staleConfigurationPage } from './configuration-page.js';
import { brokenLinks } from './documentation-links.js';
import { lockedAddresses } from './lockfile.js';
import { checkStep, commandStep, type Step, vitestStep } from './step.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const nx = (target: string): readonly string[] => ['run-many', '-t', target, '--outputStyle', 'static'];

const STEPS: readonly Step[] = [
  commandStep('format', 'prettier', ['--check', '--log-level', 'warn', '.']),
  commandStep('lint', 'nx', nx('lint')),
  commandStep('types', 'nx', nx('typecheck')),
  checkStep('boundary canary', unguardedImports),
  checkStep('lock file without addresses', lockedAddresses),
  checkStep('configuration page', staleConfigurationPage),
  checkStep('links in documentation', brokenLinks),
  vitestStep('unit', 'unit'),
  vitestStep('integration', 'integration'),
  vitestStep('end to end', 'e2e'),
];

let passed = 0;
let failed = 0;
const summary: string[] = [];
for (const step of STEPS) {
  console.log(`\n— ${step.title}`);
  const started = performance.now();
  const tally = await step.run(root);
  passed += tally.passed;
  failed += tally.failed;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  summary.push(
    `${tally.failed === 0 ? '✓' : '✗'} ${step.title}: ${tally.passed} passed, ${tally.failed} failed, ${seconds} s`,
  );
}
console.log(`\n${summary.join('\n')}\n`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
