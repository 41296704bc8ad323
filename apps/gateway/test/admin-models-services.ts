import { createHash } from 'node:crypto';
import { Controller, Module, type Type } from '@nestjs/common';
import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import {
  type InferenceContracts,
  inferenceContracts,
  type ModelJob,
  type ModelSummary,
  type Upload,
} from '@trivium/contracts/inference';
import {
  type InferenceService,
  ModelManifest,
  type ModelManifestInput,
} from '@trivium/contracts/model-manifest';
import { AnswersCall, type Blobs } from '@trivium/messaging';

export function manifestOf(overrides: Partial<ModelManifestInput> = {}): ModelManifest {
  return ModelManifest.parse({
    id: 'tiny-embedder',
    task: 'embed',
    licence: 'MIT',
    commercial_use: true,
    description: 'for tests',
    ...overrides,
  });
}

const moment = { count: 2, ns: 4_000 };
const compute = { computeInput: moment, computeInfer: moment, computeOutput: moment };

/** An inference service on its real subjects that keeps everything in memory, and a record of what it was asked. */
export class ModelServiceDouble {
  readonly models = new Map<string, ModelSummary>();
  readonly uploads = new Map<string, Upload>();
  readonly parts = new Map<string, Uint8Array>();
  readonly jobs = new Map<string, ModelJob>();
  readonly catalogue: ModelManifest[] = [];
  readonly asked: unknown[] = [];
  /** Set, everything but listing is answered with it. */
  failure: DomainError | undefined;
  #counter = 0;

  constructor(
    readonly service: InferenceService,
    readonly blobs: Blobs,
    readonly partBytes = 64,
  ) {}

  add(manifest: ModelManifest, ...versions: string[]): ModelSummary {
    const model: ModelSummary = {
      id: manifest.id,
      service: this.service,
      manifest,
      versions: versions.map((version) => ({
        version,
        state: 'READY',
        reason: '',
        variants: [{ variant: 'fp32', bytes: 100, ready: true }],
        memoryBytes: 1_000,
        estimatedBytes: 900,
        createdAt: 1_763_683_200_000,
      })),
      servingVersion: versions.at(-1),
      labels: {},
      traffic: [],
      pinned: false,
    };
    this.models.set(manifest.id, model);
    return model;
  }

  one(id: string): ModelSummary {
    const model = this.models.get(id);
    if (model === undefined)
      throw new DomainError('model_not_found', `No model '${id}'.`, { param: 'model' });
    return model;
  }

  change(id: string, changes: Partial<ModelSummary>): ModelSummary {
    const model = { ...this.one(id), ...changes };
    this.models.set(id, model);
    return model;
  }

  upload(uploadId: string): Upload {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) throw new DomainError('not_found', 'No such upload.', { param: 'uploadId' });
    return upload;
  }

  nextId(prefix: string): string {
    return `${prefix}_${(this.#counter += 1)}`;
  }

  take(request: unknown): void {
    this.asked.push(request);
    if (this.failure !== undefined) throw this.failure;
  }

  /** The content of a complete upload's file; undefined while parts are missing. */
  fileOf({ uploadId, partBytes, files }: Upload, path: string): Buffer | undefined {
    const count = Math.ceil((files[path]?.bytes ?? 0) / partBytes);
    const parts = Array.from({ length: count }, (_, index) => this.parts.get(`${uploadId}/${path}/${index}`));
    return parts.includes(undefined) ? undefined : Buffer.concat(parts as Uint8Array[]);
  }

  job(kind: ModelJob['kind'], model: string, end: Partial<ModelJob> = {}): ModelJob {
    const jobId = this.nextId('job');
    const job: ModelJob = {
      jobId,
      kind,
      model,
      state: 'running',
      progress: 0,
      detail: '',
      createdAt: Date.now(),
      ...end,
    };
    this.jobs.set(jobId, job);
    return job;
  }
}

export function modelServicesModule(doubles: readonly ModelServiceDouble[]): Type {
  @Module({
    controllers: doubles.flatMap((double) => [
      repositoryOf(double, inferenceContracts[double.service]),
      uploadsOf(double, inferenceContracts[double.service]),
      jobsOf(double, inferenceContracts[double.service]),
    ]),
  })
  class ModelServicesModule {}
  return ModelServicesModule;
}

function repositoryOf(double: ModelServiceDouble, contracts: InferenceContracts): Type {
  type C = InferenceContracts;

  @Controller()
  class RepositoryDouble {
    @AnswersCall(contracts.listRepository)
    async list({ model }: ParsedRequestOf<C['listRepository']>): Promise<ReplyOf<C['listRepository']>> {
      return { models: model === undefined ? [...double.models.values()] : [double.one(model)] };
    }

    @AnswersCall(contracts.putModel)
    async put({ manifest }: ParsedRequestOf<C['putModel']>): Promise<ReplyOf<C['putModel']>> {
      double.take({ manifest });
      return double.models.has(manifest.id) ? double.change(manifest.id, { manifest }) : double.add(manifest);
    }

    @AnswersCall(contracts.updateModel)
    async update(request: ParsedRequestOf<C['updateModel']>): Promise<ReplyOf<C['updateModel']>> {
      double.take(request);
      const { model, labels = {}, traffic, rollout, pinned } = request;
      const kept = Object.entries({ ...double.one(model).labels, ...labels });
      return double.change(model, {
        labels: Object.fromEntries(
          kept.flatMap(([name, version]) => (version === null ? [] : [[name, version]])),
        ),
        ...(traffic && { traffic }),
        ...(pinned !== undefined && { pinned }),
        ...(rollout !== undefined && {
          rollout:
            rollout === null
              ? undefined
              : { rule: rollout, state: 'running', compared: 3, agreement: 0.999, reason: '' },
        }),
      });
    }

    @AnswersCall(contracts.removeModel)
    async remove({ model, version }: ParsedRequestOf<C['removeModel']>): Promise<ReplyOf<C['removeModel']>> {
      const { versions } = double.one(model);
      if (version === undefined) double.models.delete(model);
      else double.change(model, { versions: versions.filter((other) => other.version !== version) });
      return { removed: versions.map((each) => each.version).filter((each) => (version ?? each) === each) };
    }

    @AnswersCall(contracts.loadModel)
    async load(request: ParsedRequestOf<C['loadModel']>): Promise<ReplyOf<C['loadModel']>> {
      double.take(request);
      const loading = { state: 'warming', progress: 0.5, etaMs: 200 } as const;
      return {
        versions: double.one(request.model).versions.map((each) => ({ ...each, state: 'LOADING', loading })),
      };
    }

    @AnswersCall(contracts.unloadModel)
    async unload(request: ParsedRequestOf<C['unloadModel']>): Promise<ReplyOf<C['unloadModel']>> {
      double.take(request);
      return {
        versions: double
          .one(request.model)
          .versions.map((each) => ({ ...each, state: 'UNAVAILABLE', reason: 'unloaded' })),
      };
    }

    @AnswersCall(contracts.getModelStatistics)
    async statistics(
      request: ParsedRequestOf<C['getModelStatistics']>,
    ): Promise<ReplyOf<C['getModelStatistics']>> {
      double.take(request);
      return {
        statistics: [
          {
            model: request.model ?? '',
            version: '1',
            lastInferenceMs: 5,
            inferenceCount: 4,
            executionCount: 2,
            inferenceStats: {
              success: moment,
              fail: moment,
              queue: moment,
              cacheHit: moment,
              cacheMiss: moment,
              ...compute,
            },
            batchStats: [{ batchSize: 2, ...compute }],
            releaseReasons: { queueEmpty: 2 },
            pending: 0,
            wastedMs: 0,
          },
        ],
      };
    }

    @AnswersCall(contracts.inspectModel)
    async inspect(request: ParsedRequestOf<C['inspectModel']>): Promise<ReplyOf<C['inspectModel']>> {
      double.take(request);
      return { inspection: { operators: { MatMul: 12 }, parameters: 1_000 } };
    }

    @AnswersCall(contracts.profileModel)
    async profile(request: ParsedRequestOf<C['profileModel']>): Promise<ReplyOf<C['profileModel']>> {
      double.take(request);
      const trace = await double.blobs.put(Buffer.from('[{"ph":"X"}]'), 'application/json');
      return { operators: [{ operator: 'MatMul', ms: 3 }], trace };
    }
  }
  return RepositoryDouble;
}

function uploadsOf(double: ModelServiceDouble, contracts: InferenceContracts): Type {
  type C = InferenceContracts;

  @Controller()
  class UploadsDouble {
    @AnswersCall(contracts.openUpload)
    async open({
      model,
      version = '1',
      files,
    }: ParsedRequestOf<C['openUpload']>): Promise<ReplyOf<C['openUpload']>> {
      double.one(model);
      const upload: Upload = {
        uploadId: double.nextId('upl'),
        model,
        version,
        files,
        partBytes: double.partBytes,
        received: {},
        expiresAt: Date.now() + 3_600_000,
      };
      double.uploads.set(upload.uploadId, upload);
      return upload;
    }

    @AnswersCall(contracts.getUpload)
    async get({ uploadId }: ParsedRequestOf<C['getUpload']>): Promise<ReplyOf<C['getUpload']>> {
      return double.upload(uploadId);
    }

    @AnswersCall(contracts.putUploadPart)
    async put({
      uploadId,
      path,
      index,
      data,
    }: ParsedRequestOf<C['putUploadPart']>): Promise<ReplyOf<C['putUploadPart']>> {
      double.take({ path, index, kind: data.kind });
      const upload = double.upload(uploadId);
      double.parts.set(`${uploadId}/${path}/${index}`, await double.blobs.get(data));
      const received = [...new Set([...(upload.received[path] ?? []), index])].toSorted((a, b) => a - b);
      double.uploads.set(uploadId, { ...upload, received: { ...upload.received, [path]: received } });
      return {
        received: received.length,
        expected: Math.ceil((upload.files[path]?.bytes ?? 0) / upload.partBytes),
      };
    }

    @AnswersCall(contracts.completeUpload)
    async complete({
      uploadId,
    }: ParsedRequestOf<C['completeUpload']>): Promise<ReplyOf<C['completeUpload']>> {
      const upload = double.upload(uploadId);
      for (const [path, { sha256 }] of Object.entries(upload.files)) {
        const content = double.fileOf(upload, path);
        if (content === undefined || createHash('sha256').update(content).digest('hex') !== sha256) {
          throw new DomainError('invalid_request', `${path} is not complete.`, { param: 'files' });
        }
      }
      double.uploads.delete(uploadId);
      const { manifest, versions } = double.one(upload.model);
      return double.add(manifest, ...versions.map(({ version }) => version), upload.version);
    }

    @AnswersCall(contracts.cancelUpload)
    async cancel({ uploadId }: ParsedRequestOf<C['cancelUpload']>): Promise<ReplyOf<C['cancelUpload']>> {
      return { cancelled: double.uploads.delete(uploadId) };
    }
  }
  return UploadsDouble;
}

function jobsOf(double: ModelServiceDouble, contracts: InferenceContracts): Type {
  type C = InferenceContracts;

  @Controller()
  class JobsDouble {
    @AnswersCall(contracts.listCatalogue)
    async catalogue(): Promise<ReplyOf<C['listCatalogue']>> {
      return { manifests: double.catalogue };
    }

    @AnswersCall(contracts.pullModel)
    async pull(request: ParsedRequestOf<C['pullModel']>): Promise<ReplyOf<C['pullModel']>> {
      double.take(request);
      return double.job('pull', request.model);
    }

    @AnswersCall(contracts.quantizeModel)
    async quantize(request: ParsedRequestOf<C['quantizeModel']>): Promise<ReplyOf<C['quantizeModel']>> {
      double.take(request);
      return double.job('quantize', request.model);
    }

    @AnswersCall(contracts.listModelJobs)
    async list({ jobId }: ParsedRequestOf<C['listModelJobs']>): Promise<ReplyOf<C['listModelJobs']>> {
      const jobs = [...double.jobs.values()];
      const wanted = jobs.filter((job) => jobId === undefined || job.jobId === jobId);
      if (jobId !== undefined && wanted.length === 0)
        throw new DomainError('not_found', 'No job.', { param: 'jobId' });
      return { jobs: wanted };
    }

    @AnswersCall(contracts.cancelModelJob)
    async cancel({ jobId }: ParsedRequestOf<C['cancelModelJob']>): Promise<ReplyOf<C['cancelModelJob']>> {
      const job = double.jobs.get(jobId);
      if (job === undefined) throw new DomainError('not_found', 'No job.', { param: 'jobId' });
      const cancelled: ModelJob = { ...job, state: 'cancelled', finishedAt: Date.now() };
      double.jobs.set(jobId, cancelled);
      return cancelled;
    }
  }
  return JobsDouble;
}
