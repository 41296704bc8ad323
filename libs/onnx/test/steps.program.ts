import { writeFile } from 'node:fs/promises';
import { DomainError } from '@trivium/contracts';
import type { LoadProgram } from '../dist/index.js';

/** What the test wants done inside the worker. */
export type StepTask =
  | { readonly step: 'echo'; readonly text: string }
  | { readonly step: 'fail'; readonly message: string }
  | { readonly step: 'refuse'; readonly param: string }
  | { readonly step: 'hold' }
  | { readonly step: 'attached'; readonly attachment: string }
  | { readonly step: 'released' };

export interface StepResult {
  readonly text: string;
  readonly pid: number;
}

export interface StepOptions {
  /** A file to check while loading. */
  readonly file?: { readonly path: string; readonly sha256: string };
  /** Told the process id when `hold` is reached, by writing a file of that name; held until it is removed. */
  readonly gate?: string;
}

/** Runs as it is: Node strips the types. */
const load: LoadProgram<StepOptions, StepTask, StepResult> = async ({ options, readFile, attachment }) => {
  if (options.file !== undefined) await readFile(options.file);
  const released: string[] = [];

  async function answer(task: StepTask): Promise<string> {
    switch (task.step) {
      case 'echo':
        return task.text;
      case 'fail':
        throw new TypeError(task.message);
      case 'refuse':
        throw new DomainError('unsupported_media', 'not that', { param: task.param });
      case 'hold':
        if (options.gate === undefined) throw new Error('No gate');
        await writeFile(options.gate, `${process.pid}`, { flag: 'a' });
        return new Promise(() => undefined);
      case 'attached':
        return new TextDecoder().decode(attachment(task.attachment));
      case 'released':
        return released.join();
    }
  }

  return {
    operationOf: ({ step }) => step,
    warmUp: async () => undefined,
    run: async (tasks) => {
      const results: StepResult[] = [];
      for (const task of tasks) results.push({ text: await answer(task), pid: process.pid });
      return results;
    },
    release: (id) => void released.push(id),
  };
};

export default load;
