import { DomainError } from '@trivium/contracts';
import { elementCount, type Tensor } from '@trivium/contracts/tensor';
import type { ModelManifest } from '@trivium/contracts/model-manifest';
import type { LoadProgram, ModelFile } from '../program/program.js';
import { reasonOf, type SessionPlace } from '../session/tensor-session.js';
import { completeManifest } from './complete-manifest.js';
import { assertFinite } from './finite.js';
import { pooled } from './pooling.js';
import { joinTasks, splitOutputs } from './tensor-batch.js';
import type { TensorFacts, TensorResult, TensorTask, WarmUpTiming } from './tensor-task.js';
import { warmUpInputs, warmUpShapes } from './warm-up.js';

export interface TensorProgramOptions {
  readonly file: ModelFile;
  readonly manifest: ModelManifest;
  readonly place: SessionPlace;
}

/** Any model as it is: tensors in, tensors out. */
const load: LoadProgram<TensorProgramOptions, TensorTask, TensorResult> = async ({
  options,
  openTensorSession,
}) => {
  const startedAt = performance.now();
  const session = await openTensorSession(options.file, options.place);
  const { inputs, outputs } = session;
  const warmUps: WarmUpTiming[] = [];
  const facts: TensorFacts = { inputs, outputs, warmUps, loadMs: performance.now() - startedAt };
  const manifest = completeManifest(options.manifest, facts);

  async function run(tasks: readonly TensorTask[]): Promise<TensorResult[]> {
    for (const task of tasks) assertFinite(task.inputs, manifest.input);
    const { feeds, layout } = joinTasks(tasks, manifest.input, inputs);
    const wanted = outputsOf(tasks, manifest);
    const answers = await session.run(feeds, wanted).catch((cause: unknown) => {
      throw options.place.cuda === undefined ? cannotRun(manifest.id, cause) : cause;
    });
    return splitOutputs(answers, layout, outputs).map((own, index) => {
      const task = tasks[index];
      return { outputs: select(task === undefined ? own : pooled(own, task), task?.outputs) };
    });
  }

  return {
    facts,
    operationOf: () => 'infer',
    warmUp: async () => {
      for (const shape of warmUpShapes(manifest, facts)) {
        const task = { inputs: warmUpInputs(manifest, facts, shape) };
        const [first] = await run([task]); // the first run of a shape also allocates
        if (manifest.max_batch_size > 0) assertBatchSide(first?.outputs ?? [], shape.items);
        const from = performance.now();
        await run([task]);
        warmUps.push({ ...shape, ms: performance.now() - from });
      }
    },
    run,
  };
};

export default load;

/**
 * A processor runs a graph that has been warmed up unless the inputs do not suit it: too long for its table of
 * positions, a token that is not in its vocabulary. A device may fail for reasons of its own, and so may memory.
 */
function cannotRun(model: string, cause: unknown): unknown {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (DomainError.is(cause) || /alloc/iu.test(message)) return cause;
  return new DomainError('invalid_request', `${model} does not run on these inputs: ${reasonOf(message)}`, {
    param: 'inputs',
    cause,
  });
}

/** Without it the answers of a batch could not be told apart. */
function assertBatchSide(outputs: readonly Tensor[], items: number): void {
  const wrong = outputs.find(({ shape }) => shape[0] !== items);
  if (wrong === undefined) return;
  throw new DomainError(
    'model_not_available',
    `model.yaml, max_batch_size: the output '${wrong.name}' has no batch side ([${wrong.shape.join(', ')}] for ${items} items); set it to 0`,
    { param: 'max_batch_size' },
  );
}

/** Those that any of the tasks wants; what nobody wants is not computed where the graph allows. */
function outputsOf(tasks: readonly TensorTask[], { output }: ModelManifest): string[] {
  return output
    .map(({ name }) => name)
    .filter((name) => tasks.some(({ outputs }) => outputs === undefined || outputs.includes(name)));
}

/** In the order asked for, each in memory of its own size: a view would send the whole batch's. */
function select(own: readonly Tensor[], names: readonly string[] | undefined): Tensor[] {
  const chosen =
    names === undefined ? own : names.flatMap((name) => own.find((one) => one.name === name) ?? []);
  return chosen.map((tensor) => ({ ...tensor, shape: [...tensor.shape], data: owned(tensor) }));
}

function owned({ data, shape }: Tensor): Uint8Array {
  if (elementCount(shape) === 0) return new Uint8Array(0);
  return data.byteLength === data.buffer.byteLength ? data : data.slice();
}
