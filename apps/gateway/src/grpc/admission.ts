import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import type { Logger } from '@trivium/telemetry';
import type { BodyBudget } from '../http/body-budget.js';
import { newRequestId } from '../http/request-id.js';
import { NOBODY } from '../http/request-fields.js';
import { type KeyGuard, tooManyRequests } from '../keys/key.guard.js';
import type { VerifiedKey } from '../keys/verified-key.js';
import { type GrpcFailure, grpcFailure } from './grpc-status.js';
import { MessageRoom } from './message-room.js';

/** Who calls, and what the call is known by. */
export interface Admittance {
  readonly key: VerifiedKey;
  readonly requestId: string;
  readonly room: MessageRoom;
  /** Ends the call, however far it is. */
  readonly end: (failure: GrpcFailure) => void;
}

const SERVICE = '/inference.GRPCInferenceService/';
/** As over HTTP: health asks for no key. What the server looks like is no secret either. */
const PUBLIC = new Set([`${SERVICE}ServerLive`, `${SERVICE}ServerReady`]);
const ADMIN = new Set([`${SERVICE}RepositoryModelLoad`, `${SERVICE}RepositoryModelUnload`]);

/** Lets calls in by their first words, before their messages are read, and each message by its length. */
export class Admission {
  readonly #admitted = new WeakMap<Metadata, Admittance>();

  constructor(
    private readonly guard: KeyGuard,
    private readonly budget: BodyBudget,
    private readonly mostMessageBytes: number,
    private readonly logger: Logger,
  ) {}

  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    const requestId = newRequestId();
    const end = (failure: GrpcFailure) => call.sendStatus(failure);
    const refuse = (error: unknown) => {
      this.logger.debug({ requestId, route: path, err: error }, 'request.refused');
      end(grpcFailure(error, requestId));
    };
    const room = new MessageRoom(call, this.budget, this.mostMessageBytes, refuse);
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, go) => {
            this.#admit(path, metadata, requestId).then((key) => {
              this.#admitted.set(metadata, { key, requestId, room, end });
              go(metadata);
            }, refuse);
          },
          onReceiveMessage: (message, go) => {
            if (!room.refused) go(message);
          },
        });
      },
    });
  };

  of(metadata: Metadata): Admittance {
    const admitted = this.#admitted.get(metadata);
    if (admitted === undefined) throw new TypeError('A call came past its admission');
    return admitted;
  }

  async #admit(path: string, metadata: Metadata, requestId: string): Promise<VerifiedKey> {
    if (PUBLIC.has(path) || !path.startsWith(SERVICE)) return NOBODY;
    const header = String(metadata.get('authorization')[0] ?? '');
    const { key, decision } = await this.guard.admit(header, requestId, ADMIN.has(path));
    if (decision?.allowed === false) throw tooManyRequests(decision);
    return key;
  }
}
