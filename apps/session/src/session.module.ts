import { type DynamicModule, Module } from '@nestjs/common';
import type { StartContext } from '@trivium/platform';
import { AppendItems } from './conversations/append-items.js';
import { ConversationHandler } from './conversations/conversation.handler.js';
import { CreateConversation } from './conversations/create-conversation.js';
import { DeleteConversation } from './conversations/delete-conversation.js';
import { GetConversation } from './conversations/get-conversation.js';
import { GetItem } from './conversations/get-item.js';
import { ItemHandler } from './conversations/item.handler.js';
import { ListItems } from './conversations/list-items.js';
import { UpdateConversation } from './conversations/update-conversation.js';
import { Database } from './database/database.js';
import { DeleteFile } from './files/delete-file.js';
import { FileExpiry } from './files/file-expiry.js';
import { FileHandler } from './files/file.handler.js';
import { GetFile } from './files/get-file.js';
import { ListFiles } from './files/list-files.js';
import { PutFile } from './files/put-file.js';
import { ReadFile } from './files/read-file.js';
import { CreateKey } from './keys/create-key.js';
import { EnsureConfiguredKey } from './keys/ensure-configured-key.js';
import { KeysHandler } from './keys/keys.handler.js';
import { ListKeys } from './keys/list-keys.js';
import { RevokeKey } from './keys/revoke-key.js';
import { VerifyKey } from './keys/verify-key.js';
import { OutboxRelay } from './outbox/outbox-relay.js';
import { AppendTurn } from './responses/append-turn.js';
import { DeleteResponse } from './responses/delete-response.js';
import { GetResponse } from './responses/get-response.js';
import { ListResponseInput } from './responses/list-response-input.js';
import { LoadHistory } from './responses/load-history.js';
import { ResponseHandler } from './responses/response.handler.js';
import { SESSION_CONFIG, type SessionConfig } from './session.config.js';
import { StartUp } from './start-up.js';

const KEYS = [VerifyKey, CreateKey, ListKeys, RevokeKey, EnsureConfiguredKey];
const CONVERSATIONS = [
  CreateConversation,
  GetConversation,
  UpdateConversation,
  DeleteConversation,
  AppendItems,
  GetItem,
  ListItems,
];
const RESPONSES = [AppendTurn, LoadHistory, GetResponse, ListResponseInput, DeleteResponse];
const FILES = [PutFile, GetFile, ReadFile, ListFiles, DeleteFile, FileExpiry];

@Module({})
export class SessionModule {
  static register({ config, logger }: StartContext<SessionConfig>): DynamicModule {
    return {
      module: SessionModule,
      controllers: [KeysHandler, ConversationHandler, ItemHandler, ResponseHandler, FileHandler],
      providers: [
        { provide: SESSION_CONFIG, useValue: config },
        { provide: Database, useFactory: () => new Database(config, logger) },
        ...KEYS,
        ...CONVERSATIONS,
        ...RESPONSES,
        ...FILES,
        OutboxRelay,
        StartUp,
      ],
    };
  }
}
