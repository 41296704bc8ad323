import { ChatController } from '../chat/chat.controller.js';
import { ConversationItemController } from '../conversations/conversation-item.controller.js';
import { ConversationsController } from '../conversations/conversations.controller.js';
import { DocumentsController } from '../documents/documents.controller.js';
import { FilesController } from '../files/files.controller.js';
import { HealthController } from '../health/health.controller.js';
import type { Endpoint } from '../http/endpoint.js';
import { endpointsOf } from '../http/serves.js';
import { KeysController } from '../keys/keys.controller.js';
import { ModelsController } from '../models/models.controller.js';
import { ResponsesController } from '../responses/responses.controller.js';

/** In the order in which the documentation shows them. */
export const API_CONTROLLERS = [
  ChatController,
  ResponsesController,
  ConversationsController,
  ConversationItemController,
  FilesController,
  ModelsController,
  DocumentsController,
  KeysController,
  HealthController,
];

export function allEndpoints(): Endpoint[] {
  return API_CONTROLLERS.flatMap((controller) => endpointsOf(controller)).map(({ endpoint }) => endpoint);
}
