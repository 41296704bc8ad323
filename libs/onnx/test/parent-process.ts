import { OnnxModel } from '../dist/index.js';
import type { StepResult, StepTask } from './steps.program.ts';

/** A service that will be killed: tells the id of its worker. */
const [, , program = ''] = process.argv;
const model = new OnnxModel<StepTask, StepResult>({
  modelId: 'steps',
  service: 'steps-service',
  variant: 'fp32',
  program,
  options: {},
  limits: { maxBatchItems: 1, maxBatchCost: 1, costUnit: 'items' },
  costOf: () => 1,
  bucketOf: () => 'one',
  workers: 1,
});
await model.start();
const task: StepTask = { step: 'echo', text: '' };
const [result] = await model.doRun([{ task, trace: {} }], new AbortController().signal);
process.send?.(result?.pid);
