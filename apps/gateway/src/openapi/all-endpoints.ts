import { AdminModelsController } from '../admin-models/admin-models.controller.js';
import { ModelMarketController } from '../admin-models/model-market.controller.js';
import { ModelUploadsController } from '../admin-models/model-uploads.controller.js';
import { ModelWorkController } from '../admin-models/model-work.controller.js';
import { ChatController } from '../chat/chat.controller.js';
import { ConversationItemController } from '../conversations/conversation-item.controller.js';
import { ConversationsController } from '../conversations/conversations.controller.js';
import { CertificatesController } from '../documents/certificates.controller.js';
import { DocumentsController } from '../documents/documents.controller.js';
import { EmbeddingsController } from '../embeddings/embeddings.controller.js';
import { FilesController } from '../files/files.controller.js';
import { HealthController } from '../health/health.controller.js';
import type { Endpoint } from '../http/endpoint.js';
import { endpointsOf } from '../http/serves.js';
import { KeysController } from '../keys/keys.controller.js';
import { ModelsController } from '../models/models.controller.js';
import { RerankController } from '../rerank/rerank.controller.js';
import { ResponsesController } from '../responses/responses.controller.js';
import { InferenceController } from '../v2/inference.controller.js';
import { ModelController } from '../v2/model.controller.js';
import { RepositoryController } from '../v2/repository.controller.js';
import { ServerController } from '../v2/server.controller.js';

/** In the order in which the documentation shows them. */
export const API_CONTROLLERS = [
  ChatController,
  ResponsesController,
  ConversationsController,
  ConversationItemController,
  FilesController,
  ModelsController,
  DocumentsController,
  CertificatesController,
  EmbeddingsController,
  RerankController,
  ServerController,
  InferenceController,
  ModelController,
  RepositoryController,
  AdminModelsController,
  ModelWorkController,
  ModelUploadsController,
  ModelMarketController,
  KeysController,
  HealthController,
];

export function allEndpoints(): Endpoint[] {
  return API_CONTROLLERS.flatMap((controller) => endpointsOf(controller)).map(({ endpoint }) => endpoint);
}
