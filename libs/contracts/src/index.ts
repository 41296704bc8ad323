export { DomainError, ERROR_CODES, type ErrorCode, type ErrorDetails, isErrorCode } from './error.js';
export {
  call,
  type CallContract,
  event,
  type EventContract,
  ownerOf,
  type ParsedRequestOf,
  type PartOf,
  type PayloadOf,
  type ReplyOf,
  type RequestOf,
  stream,
  type StreamContract,
  type Subject,
} from './define.js';
