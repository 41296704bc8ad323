import { setTimeout as delay } from 'node:timers/promises';
import { CliError, EXIT } from '../server/cli-error.js';
import { openProgress } from '../terminal/progress.js';
import { table } from '../terminal/table.js';
import { say, show } from '../terminal/terminal.js';
import { duration } from '../terminal/units.js';
import { Job, Jobs } from './replies.js';
import type { Session } from './session.js';

const LOOK_EVERY_MS = 500;

const pathOf = (id: string) => `/admin/model-jobs/${encodeURIComponent(id)}`;

export async function listJobs({ client, terminal }: Session): Promise<void> {
  const jobs = await client.json(Jobs, 'GET', '/admin/model-jobs');
  show(terminal, jobs, ({ data }) =>
    data.length === 0
      ? ['No jobs in the last day.']
      : table(
          ['ID', 'KIND', 'MODEL', 'STATE', 'PROGRESS', 'TOOK', 'DETAIL'],
          data.map((job) => [
            job.id,
            job.kind,
            job.model,
            job.state,
            `${Math.floor(job.progress * 100)} %`,
            duration((job.finished_at ?? Date.now()) - job.created_at),
            job.error?.message ?? (job.state === 'running' ? job.detail : ''),
          ]),
        ),
  );
}

export async function cancelJob(id: string, { client, terminal }: Session): Promise<void> {
  const job = await client.json(Job, 'DELETE', pathOf(id));
  show(terminal, job, () => [`${job.id}: ${job.state === 'running' ? 'being cancelled' : job.state}`]);
}

/** Watches a job to its end. Ctrl-C only stops watching. Throws when the job does not succeed. */
export async function followJob(begun: Job, session: Session, lines: (job: Job) => string[]): Promise<void> {
  const job = await watch(begun, session);
  if (job.state !== 'succeeded') {
    if (session.terminal.json) show(session.terminal, job, () => []);
    throw new CliError(`${job.kind} of ${job.model}: ${job.error?.message ?? job.state}`, EXIT.failed);
  }
  show(session.terminal, job, lines);
}

export async function showJob(id: string, session: Session): Promise<Job> {
  return session.client.json(Job, 'GET', pathOf(id));
}

async function watch(begun: Job, session: Session): Promise<Job> {
  const { terminal, signal } = session;
  using progress = openProgress(`${begun.kind} ${begun.model}`, terminal);
  let job = begun;
  try {
    while (job.state === 'running') {
      progress.update(job.progress, job.detail);
      await delay(LOOK_EVERY_MS, undefined, { signal });
      job = await showJob(job.id, session);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    progress[Symbol.dispose]();
    if (!terminal.json) {
      say(terminal, `The job goes on. Watch it: trivium models jobs ${job.id}`);
      say(terminal, `Stop it: trivium models jobs ${job.id} --cancel`);
    }
    throw new CliError('', EXIT.interrupted);
  }
  progress.update(job.progress, job.detail);
  return job;
}
