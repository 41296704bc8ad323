import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

export interface Step {
  readonly title: string;
  run(root: string): Promise<Tally>;
}

/** A command that passes or fails as one check. */
export function commandStep(title: string, command: string, args: readonly string[]): Step {
  return {
    title,
    run: async (root) => {
      const ok = (await runInherited(root, command, args)) === 0;
      return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
    },
  };
}

/** A check in this process; the strings it answers are its complaints. */
export function checkStep(title: string, check: (root: string) => Promise<readonly string[]>): Step {
  return {
    title,
    run: async (root) => {
      const complaints = await check(root);
      for (const complaint of complaints) console.error(`  ${complaint}`);
      return { passed: complaints.length === 0 ? 1 : 0, failed: complaints.length === 0 ? 0 : 1 };
    },
  };
}

/** One vitest project; its own tests are counted, and a file that could not even load is a failure. */
export function vitestStep(title: string, project: string): Step {
  return {
    title,
    run: async (root) => {
      const folder = await mkdtemp(join(tmpdir(), 'trivium-verify-'));
      const report = join(folder, 'report.json');
      try {
        const status = await runInherited(root, 'vitest', [
          'run',
          '--project',
          project,
          '--reporter=default',
          '--reporter=json',
          `--outputFile.json=${report}`,
        ]);
        return tallyOf(await readFile(report, 'utf8').catch(() => '{}'), status);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Counts in vitest's JSON report; a run that failed without a failed test counts as one failure. */
export function tallyOf(report: string, status: number | null): Tally {
  const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(report) as {
    numPassedTests?: number;
    numFailedTests?: number;
  };
  const failed = status !== 0 && numFailedTests === 0 ? 1 : numFailedTests;
  return { passed: numPassedTests, failed: numPassedTests === 0 && failed === 0 ? 1 : failed };
}

async function runInherited(root: string, command: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(command, [...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}
