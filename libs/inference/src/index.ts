export {
  ModelRegistry,
  type LocalFiles,
  type RegistryOptions,
  type TryLoad,
} from './registry/model-registry.js';
export type { ModelChange, RegisteredModel } from './registry/registered-model.js';
export { UPLOAD_TTL_MS, Uploads, type UploadsOptions, type UploadTarget } from './uploads/uploads.js';
