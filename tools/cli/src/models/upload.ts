import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { VersionFiles } from '@trivium/contracts/model-manifest';
import { CliError, EXIT } from '../server/cli-error.js';
import { openProgress } from '../terminal/progress.js';
import { say, show } from '../terminal/terminal.js';
import { bytes } from '../terminal/units.js';
import { describeFiles, type LocalModel } from './local-model.js';
import { Model, Part, Upload } from './replies.js';
import { modelPath, type Session } from './session.js';
import { describeModel, warnOfLicence } from './show-models.js';

/** Parts on their way at the same time. */
const PARALLEL = 2;
const ATTEMPTS = 5;
const FIRST_DELAY_MS = 500;
/** Verifying and trying to load. */
const COMPLETE_TIMEOUT_MS = 900_000;

interface PendingPart {
  readonly path: string;
  readonly place: string;
  readonly index: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * Makes or replaces the manifest and sends a version, part by part. An upload that was interrupted goes on
 * with what is missing when the same files are sent again.
 */
export async function addModel(model: LocalModel, session: Session): Promise<void> {
  const { client, terminal, signal } = session;
  const { manifest } = model;
  warnOfLicence(manifest, terminal);
  const files = await describeFiles(model, signal);
  await client.json(Model, 'POST', '/admin/models', { body: { manifest } });
  const memory = new UploadMemory(session, manifest.id, files, model.version);
  const upload = (await memory.recall()) ?? (await openUpload(model, files, session));
  await memory.keep(upload.id);
  await sendParts(model, files, upload, session);
  const published = await client.json(Model, 'POST', `${uploadPath(upload.id)}/complete`, {
    timeoutMs: COMPLETE_TIMEOUT_MS,
    signal,
  });
  await memory.forget();
  show(terminal, published, () => describeModel(published, terminal));
}

function openUpload(
  { manifest, version }: LocalModel,
  files: VersionFiles,
  { client }: Session,
): Promise<Upload> {
  const body = { files, ...(version !== undefined && { version }) };
  return client.json(Upload, 'POST', modelPath(manifest.id, '/uploads'), { body });
}

async function sendParts(
  model: LocalModel,
  files: VersionFiles,
  upload: Upload,
  session: Session,
): Promise<void> {
  const all = partsOf(model, files, upload.part_bytes);
  const waiting = all.filter(({ path, index }) => !(upload.received[path] ?? []).includes(index));
  const total = sum(all);
  let sent = total - sum(waiting);
  if (sent > 0 && !session.terminal.json) say(session.terminal, `Going on after ${bytes(sent)}.`);
  using progress = openProgress(`add ${model.manifest.id}`, session.terminal);
  const report = (): void => progress.update(sent / Math.max(1, total), `${bytes(sent)} of ${bytes(total)}`);
  // What fails stops the other sender with its next part.
  const failed = new AbortController();
  const signal = AbortSignal.any([session.signal, failed.signal]);
  const send = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      await sendPart(part, upload.id, session, signal);
      sent += part.length;
      report();
    }
  };
  report();
  const senders = Array.from({ length: PARALLEL }, () =>
    send().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(senders);
  const first = outcomes.find((outcome) => outcome.status === 'rejected');
  if (session.signal.aborted) throw interrupted();
  if (first !== undefined) throw failed.signal.reason;
}

async function sendPart(
  part: PendingPart,
  id: string,
  { client }: Session,
  signal: AbortSignal,
): Promise<void> {
  const content = await readPart(part);
  const path = `${uploadPath(id)}/parts/${part.index}?path=${encodeURIComponent(part.path)}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.json(Part, 'PUT', path, { bytes: content, signal });
      return;
    } catch (error) {
      if (!(error instanceof CliError) || error.retry === undefined || attempt === ATTEMPTS) throw error;
      await delay(error.retry.afterMs ?? FIRST_DELAY_MS * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

async function readPart({ place, offset, length }: PendingPart): Promise<Buffer> {
  await using file = await open(place);
  const content = Buffer.alloc(length);
  const { bytesRead } = await file.read(content, 0, length, offset);
  if (bytesRead === length) return content;
  throw new CliError(`${place} changed while it was sent.`);
}

function partsOf({ paths }: LocalModel, files: VersionFiles, partBytes: number): PendingPart[] {
  return Object.entries(files).flatMap(([path, { bytes: size }]) =>
    Array.from({ length: Math.ceil(size / partBytes) }, (_, index) => ({
      path,
      // Made from the same map.
      place: paths.get(path) ?? path,
      index,
      offset: index * partBytes,
      length: Math.min(partBytes, size - index * partBytes),
    })),
  );
}

/** Which upload these very files went into, so that a second try finds it. */
class UploadMemory {
  readonly #file: string;
  readonly #folder: string;

  constructor(
    private readonly session: Session,
    model: string,
    files: VersionFiles,
    version: string | undefined,
  ) {
    const { home, url } = session.settings;
    const what = JSON.stringify([url.origin, model, version ?? '', files]);
    this.#folder = join(home, 'uploads');
    this.#file = join(this.#folder, createHash('sha256').update(what).digest('hex').slice(0, 32));
  }

  /** Undefined when there is none, or it ended. */
  async recall(): Promise<Upload | undefined> {
    const id = (await readFile(this.#file, 'utf8').catch(() => '')).trim();
    if (id === '') return undefined;
    try {
      return await this.session.client.json(Upload, 'GET', uploadPath(id));
    } catch (error) {
      if (error instanceof CliError && error.exit === EXIT.notFound) return undefined;
      throw error;
    }
  }

  async keep(id: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#file, `${id}\n`);
  }

  async forget(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}

function uploadPath(id: string): string {
  return `/admin/model-uploads/${encodeURIComponent(id)}`;
}

function interrupted(): CliError {
  return new CliError('Interrupted. The same command goes on from here.', EXIT.interrupted);
}

function sum(parts: readonly PendingPart[]): number {
  return parts.reduce((total, { length }) => total + length, 0);
}
