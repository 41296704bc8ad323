import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { DomainError } from '@trivium/contracts';
import { inlineExternalData, inspectModel, quantize, randomInputs } from '@trivium/onnx';
import type { OffThreadReply, OffThreadResult, OffThreadTask } from './off-thread.js';

async function work(task: OffThreadTask): Promise<OffThreadResult[keyof OffThreadResult]> {
  const bytes = await readFile(task.path);
  if (task.kind === 'inspect') return inspectModel(bytes, { folder: task.folder });
  if (task.kind === 'sample') {
    const { batch, length } = task;
    return Array.from({ length: task.sets }, (_, index) =>
      randomInputs(bytes, { seed: index + 1, batch, length }),
    );
  }
  const whole = await inlineExternalData(bytes, dirname(task.path));
  const { bytes: made, report } = quantize(whole, { variant: task.variant });
  await writeFile(task.target, made);
  return report;
}

async function reply(): Promise<OffThreadReply> {
  try {
    return { ok: true, result: await work(workerData as OffThreadTask) };
  } catch (error) {
    if (!DomainError.is(error)) throw error;
    const { code, message, param } = error;
    return { ok: false, code, message, param };
  }
}

parentPort?.postMessage(await reply());
