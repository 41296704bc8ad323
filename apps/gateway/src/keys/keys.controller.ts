import { Controller, Inject } from '@nestjs/common';
import * as session from '@trivium/contracts/session';
import { MESSAGING, type Messaging } from '@trivium/messaging';
import { z } from 'zod';
import { type AnswerOf, endpoint, type InputOf } from '../http/endpoint.js';
import type { Exchange } from '../http/exchange.js';
import { Serves } from '../http/serves.js';
import { keyHash, newKey } from './key-hash.js';
import { ADMIN_SCOPE } from './verified-key.js';

const place = { tag: 'Keys', access: 'admin' } as const;

const Scopes = z.array(z.enum([ADMIN_SCOPE]));

const NewKey = z
  .strictObject({
    object: z.literal('key'),
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    key: z.string().describe('shown this once; only its hash is kept'),
  })
  .meta({ id: 'NewKey' });

const KeyPage = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(
      z.strictObject({
        object: z.literal('key'),
        id: z.string(),
        name: z.string(),
        scopes: z.array(z.string()),
        created_at: z.int(),
        revoked_at: z.int().nullable(),
      }),
    ),
  })
  .meta({ id: 'KeyList' });

const RevokedKey = z
  .strictObject({ object: z.literal('key'), id: z.string(), revoked: z.boolean() })
  .meta({ id: 'RevokedKey' });

export const createKey = endpoint({
  ...place,
  operationId: 'createKey',
  method: 'POST',
  path: '/admin/keys',
  summary: 'Make a key; the answer is the only place where it is shown',
  body: z
    .strictObject({ name: z.string().min(1).max(100), scopes: Scopes.default([]) })
    .meta({ id: 'CreateKeyRequest' }),
  reply: NewKey,
});

export const listKeys = endpoint({
  ...place,
  operationId: 'listKeys',
  method: 'GET',
  path: '/admin/keys',
  summary: 'All keys, without the keys themselves',
  reply: KeyPage,
});

export const revokeKey = endpoint({
  ...place,
  operationId: 'revokeKey',
  method: 'DELETE',
  path: '/admin/keys/:key_id',
  summary: 'Revoke a key; every gateway knows within its key cache time, a minute unless configured',
  params: z.strictObject({ key_id: z.string() }),
  reply: RevokedKey,
});

@Controller()
export class KeysController {
  constructor(@Inject(MESSAGING) private readonly messaging: Messaging) {}

  @Serves(createKey)
  async create({ body }: InputOf<typeof createKey>, exchange: Exchange): Promise<AnswerOf<typeof createKey>> {
    const key = newKey();
    const request = { ...body, hash: keyHash(key), tenant: exchange.tenant };
    const { keyId } = await this.messaging.call(session.createKey, request, exchange.callOptions);
    return { object: 'key', id: keyId, ...body, key };
  }

  @Serves(listKeys)
  async list(_input: InputOf<typeof listKeys>, exchange: Exchange): Promise<AnswerOf<typeof listKeys>> {
    const { keys } = await this.messaging.call(session.listKeys, {}, exchange.callOptions);
    return {
      object: 'list',
      data: keys.map(({ keyId, name, scopes, createdAt, revokedAt }) => ({
        object: 'key',
        id: keyId,
        name,
        scopes,
        created_at: createdAt,
        revoked_at: revokedAt,
      })),
    };
  }

  @Serves(revokeKey)
  async revoke(
    { params }: InputOf<typeof revokeKey>,
    exchange: Exchange,
  ): Promise<AnswerOf<typeof revokeKey>> {
    const request = { keyId: params.key_id };
    const { keyId, revoked } = await this.messaging.call(session.revokeKey, request, exchange.callOptions);
    return { object: 'key', id: keyId, revoked };
  }
}
