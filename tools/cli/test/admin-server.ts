import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { ModelManifest, type ModelManifestInput } from '@trivium/contracts/model-manifest';

export const KEY = 'sk-trivium-key-of-the-tests';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

type Files = Record<string, { sha256: string; bytes: number }>;

/** Speaks `/admin` as a gateway does, as far as this tool asks, and remembers what it was asked. */
export class AdminServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly models = new Map<string, Record<string, unknown>>();
  readonly catalogue: ModelManifest[] = [];
  readonly uploads = new Map<string, { files: Files; parts: Map<string, Buffer> }>();
  /** What a job is, each time somebody looks; the last stays. */
  jobStates: Record<string, unknown>[] = [];
  /** Answers a part before it is taken; returning true ends it there. */
  onPart: ((response: ServerResponse, index: number) => boolean) | undefined;
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  add(manifest: ModelManifestInput, ...versions: string[]): void {
    this.models.set(manifest.id, {
      object: 'model',
      id: manifest.id,
      service: 'text-inference',
      manifest: ModelManifest.parse(manifest),
      versions: versions.map((version) => ({
        version,
        state: 'READY',
        reason: '',
        loading: null,
        variants: [{ variant: 'fp32', bytes: 90_405_214 }],
        memory_bytes: 150_000_000,
        estimated_bytes: 149_000_000,
        created_at: 1_763_683_200_000,
      })),
      serving_version: versions.at(-1) ?? null,
      labels: {},
      traffic: [],
      rollout: null,
      pinned: false,
    });
  }

  bodies(method: string, path: string): unknown[] {
    return this.asked.filter((one) => one.method === method && one.path === path).map(({ body }) => body);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const bytes = await buffer(request).catch(() => undefined);
    if (bytes === undefined) return;
    const isJson = request.headers['content-type'] === 'application/json';
    const body = isJson ? (JSON.parse(bytes.toString()) as Record<string, unknown>) : bytes;
    const { method = '' } = request;
    this.asked.push({ method, path: url.pathname, body: isJson ? body : undefined });
    if (request.headers.authorization !== `Bearer ${KEY}`)
      return fail(response, 401, 'The API key is not valid.');
    const handled = this.#route(method, url, body, response);
    if (!handled) fail(response, 404, `There is no ${url.pathname}.`);
  }

  #route(
    method: string,
    url: URL,
    body: Record<string, unknown> | Buffer,
    response: ServerResponse,
  ): boolean {
    const [, , kind = '', id = '', rest = '', last = ''] = url.pathname.split('/').map(decodeURIComponent);
    if (kind === 'model-uploads') return this.#upload(method, id, rest, last, url, body, response);
    if (kind === 'model-jobs') return id === '' ? list(response, this.jobStates) : this.#job(response);
    if (kind !== 'models') return false;
    if (id === '' && method === 'GET') return list(response, [...this.models.values()]);
    if (id === '') return this.#put(body as Record<string, unknown>, response);
    if (id === 'catalog') return list(response, this.catalogue);
    if (id === 'pull' || rest === 'quantize') return this.#job(response);
    const model = this.models.get(id);
    if (model === undefined) return false;
    if (rest === 'uploads') return this.#open(id, body as { files: Files }, response);
    if (rest === 'profile') return this.#profile(body as Record<string, unknown>, response);
    if (rest === 'load' || rest === 'unload') return list(response, model['versions'] as object[]);
    if (method === 'DELETE') {
      return send(response, { object: 'model', id, deleted: true, removed_versions: [last || '1'] });
    }
    if (method === 'PATCH') Object.assign(model, { ...body, rollout: null, labels: { stable: '1' } });
    return send(response, model);
  }

  #put({ manifest }: Record<string, unknown>, response: ServerResponse): boolean {
    const { id } = manifest as ModelManifestInput;
    if (!this.models.has(id)) this.add(manifest as ModelManifestInput);
    return send(response, this.models.get(id));
  }

  #job(response: ServerResponse): boolean {
    const state = this.jobStates.length > 1 ? this.jobStates.shift() : this.jobStates[0];
    return state !== undefined && send(response, state);
  }

  #profile({ format }: Record<string, unknown>, response: ServerResponse): boolean {
    if (format === 'trace') {
      response.writeHead(200).end('[{"ph":"X"}]');
      return true;
    }
    return send(response, {
      object: 'model.profile',
      operators: [{ operator: 'MatMul', ms: 12.5, share: 0.8 }],
    });
  }

  #open(model: string, { files }: { files: Files }, response: ServerResponse): boolean {
    const id = `text-inference.upl_${this.uploads.size + 1}`;
    this.uploads.set(id, { files, parts: new Map() });
    return send(response, this.#show(id, model));
  }

  #upload(
    method: string,
    id: string,
    rest: string,
    last: string,
    url: URL,
    body: unknown,
    response: ServerResponse,
  ): boolean {
    const upload = this.uploads.get(id);
    if (upload === undefined) return false;
    if (method === 'GET') return send(response, this.#show(id, 'tiny'));
    if (rest === 'parts') {
      if (this.onPart?.(response, Number(last)) === true) return true;
      const path = url.searchParams.get('path') ?? '';
      upload.parts.set(`${path}/${last}`, body as Buffer);
      return send(response, { object: 'model.upload.part', received: upload.parts.size, expected: 1 });
    }
    for (const [path, { sha256 }] of Object.entries(upload.files)) {
      if (createHash('sha256').update(this.content(id, path)).digest('hex') !== sha256) {
        fail(response, 400, `${path} is not complete.`);
        return true;
      }
    }
    this.uploads.delete(id);
    const { manifest } = this.models.get('tiny') as { manifest: ModelManifestInput };
    this.add(manifest, '1');
    return send(response, this.models.get('tiny'));
  }

  content(id: string, path: string): Buffer {
    const parts = [...(this.uploads.get(id)?.parts ?? [])].filter(([key]) => key.startsWith(`${path}/`));
    return Buffer.concat(parts.toSorted(([a], [b]) => indexOf(a) - indexOf(b)).map(([, part]) => part));
  }

  #show(id: string, model: string): object {
    const { files = {}, parts = new Map() } = this.uploads.get(id) ?? {};
    const received = Object.fromEntries(
      Object.keys(files).map((path) => [
        path,
        [...parts.keys()].filter((key) => key.startsWith(`${path}/`)).map(indexOf),
      ]),
    );
    return {
      object: 'model.upload',
      id,
      model,
      version: '1',
      files,
      part_bytes: 64,
      received,
      expires_at: 0,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function jobOf(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    object: 'model.job',
    id: 'text-inference.job_1',
    kind: 'pull',
    model: 'minilm',
    state: 'running',
    progress: 0,
    detail: '',
    created_at: 1_000,
    finished_at: null,
    result: null,
    error: null,
    ...overrides,
  };
}

function indexOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1));
}

function send(response: ServerResponse, body: unknown): boolean {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return true;
}

function list(response: ServerResponse, data: readonly object[]): boolean {
  return send(response, { object: 'list', data, services_away: [] });
}

export function fail(response: ServerResponse, status: number, message: string): void {
  const error = { message, type: 'invalid_request_error', param: null, code: 'x' };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
}
