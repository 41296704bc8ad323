export type {
  AdmissionOptions,
  Blobs,
  CallContext,
  CallOptions,
  Messaging,
  MessagingLogger,
  Priority,
  PublishOptions,
} from './messaging.js';
export { connectMessaging, type ConnectOptions } from './connection/connect.js';
export {
  AnswersCall,
  AnswersStream,
  type EventContext,
  type EventSubscription,
  OnEvent,
} from './nest/decorators.js';
export { MESSAGING } from './nest/tokens.js';
export { MessagingTransport, type TransportOptions } from './nest/transport.js';
export type {
  Objects,
  ObjectsOptions,
  RecordChange,
  Records,
  RecordsOptions,
  StoredObject,
  StoredRecord,
} from './store/store.js';
