import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import {
  inspectModel,
  loadModel,
  type Place,
  profileModel,
  pullModel,
  quantizeModel,
  readTraffic,
  removeModel,
  unloadModel,
  updateModel,
} from '../models/change-models.js';
import { inspectFile } from '../models/inspections.js';
import { cancelJob, followJob, listJobs, showJob } from '../models/jobs.js';
import { readLocalModel } from '../models/local-model.js';
import type { OpenSession } from '../models/session.js';
import { listModels, showCatalogue, showModel, showStatistics } from '../models/show-models.js';
import { addModel } from '../models/upload.js';
import { CliError, EXIT } from '../server/cli-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { readCount } from './arguments.js';
import { rolloutCommand } from './rollout.js';

const AT = ['--at <version>', 'a number, or a label such as stable; default: the one that serves'] as const;
const VARIANT = ['--variant <variant>', 'fp32, fp16, int8 or int4'] as const;
const DETACH = ['--detach', 'begin the job and leave; jobs shows how it goes'] as const;

/** `trivium models …`, each command a few words over what does it. */
export function modelsCommand(open: OpenSession, terminal: () => Terminal): Command {
  const models = new Command('models').description('the models of a server');
  const add = (usage: string, description: string): Command => models.command(usage).description(description);

  add('list', 'what there is').action(async () => listModels(await open()));
  add('show <model>', 'one model with its versions').action(async (model: string) =>
    showModel(model, await open()),
  );
  add('catalog', 'public models that may be pulled').action(async () => showCatalogue(await open()));
  add('pull <model>', 'fetch a model of the catalogue from the hub')
    .option('--allow-non-commercial', 'also when its licence does not allow commercial use')
    .option(...DETACH)
    .action(async (model: string, options: { allowNonCommercial?: boolean; detach?: boolean }) =>
      pullModel(model, options, await open()),
    );
  add('add <path>', 'send a model: a folder with model.yaml, or an .onnx file')
    .option('--manifest <file>', 'model.yaml, when it lies elsewhere')
    .option('--at <version>', 'number of the version; default: that of its folder, or the next')
    .action(async (path: string, options: { manifest?: string; at?: string }) =>
      addModel(await readLocalModel(path, options), await open()),
    );
  add('rm <model>', 'delete a model, or one version of it')
    .option('--at <version>', 'only this version')
    .option('-y, --yes', 'without asking')
    .action(async (model: string, options: Place & { yes?: boolean }) => {
      await confirm(
        options.yes,
        `Delete ${options.at ? `version ${options.at}` : 'all versions'} of ${model}?`,
      );
      await removeModel(model, options, await open());
    });
  add('quantize <model>', 'make a smaller variant, measure it, and publish it if it agrees with fp32')
    .requiredOption('--variant <variant>', 'int8, fp16 or int4')
    .option(...AT)
    .option('--no-publish', 'only measure')
    .option(...DETACH)
    .action(async (model: string, options: Place & { publish: boolean; detach?: boolean }) =>
      quantizeModel(model, options, await open()),
    );
  add('inspect <target>', 'what is in a model of the server, or in an .onnx file here')
    .option(...AT)
    .option(...VARIANT)
    .action(async (target: string, options: Place) => {
      if (await isFile(target)) await inspectFile(target, terminal());
      else await inspectModel(target, options, await open());
    });
  add('profile <model>', 'where the time of a run goes, operator by operator')
    .option(...AT)
    .option(...VARIANT)
    .option('--runs <n>', 'measured runs', readCount, 10)
    .option('--batch <n>', 'items per run', readCount, 1)
    .option('--length <n>', "side used wherever the model's shape varies", readCount, 128)
    .option('--trace <file>', 'write a trace for Perfetto or chrome://tracing instead')
    .action(
      async (
        model: string,
        options: Place & { runs: number; batch: number; length: number; trace?: string },
      ) => profileModel(model, options, await open()),
    );
  add('load <model>', 'load a version before anybody asks for it')
    .option(...AT)
    .option(...VARIANT)
    .action(async (model: string, options: Place) => loadModel(model, options, await open()));
  add('unload <model>', 'give its memory back')
    .option(...AT)
    .action(async (model: string, options: Place) => unloadModel(model, options, await open()));
  add('label <model> <label> [version]', 'let a word stand for a version')
    .option('--remove', 'take the label away')
    .action(
      async (model: string, label: string, version: string | undefined, options: { remove?: boolean }) => {
        if ((version === undefined) !== (options.remove === true)) {
          throw new CliError('Say either the version or --remove.', EXIT.usage);
        }
        await updateModel(model, { labels: { [label]: version ?? null } }, await open());
      },
    );
  add(
    'traffic <model> [shares...]',
    'divide requests among versions: 1=90 2=10; none: all to the newest',
  ).action(async (model: string, shares: string[]) =>
    updateModel(model, { traffic: readTraffic(shares) }, await open()),
  );
  models.addCommand(rolloutCommand(open));
  add('stats <model>', 'what it did: requests, batches, times').action(async (model: string) =>
    showStatistics(model, await open()),
  );
  add('jobs [id]', 'pulls, quantizations and profiles of the last day; one is watched to its end')
    .option('--cancel', 'cancel it')
    .action(async (id: string | undefined, options: { cancel?: boolean }) => {
      const session = await open();
      if (id === undefined) return listJobs(session);
      if (options.cancel === true) return cancelJob(id, session);
      return followJob(await showJob(id, session), session, (job) => [`${job.id}: ${job.state}`]);
    });
  return models;
}

async function isFile(target: string): Promise<boolean> {
  if (target.endsWith('.onnx')) return true;
  return (
    target.includes('/') &&
    access(target).then(
      () => true,
      () => false,
    )
  );
}

async function confirm(yes: boolean | undefined, question: string): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY) throw new CliError(`${question} Say --yes.`, EXIT.usage);
  using prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('Nothing was deleted.', EXIT.failed);
}
