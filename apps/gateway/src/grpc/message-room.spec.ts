import { PassThrough } from 'node:stream';
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { BodyBudget } from '../http/body-budget.js';
import { MessageRoom } from './message-room.js';

function framed(...sizes: number[]): Buffer {
  return Buffer.concat(
    sizes.flatMap((size) => {
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(size, 1);
      return [prefix, Buffer.alloc(size, 1)];
    }),
  );
}

function roomIn(budget: BodyBudget) {
  const stream = new PassThrough();
  const refusals: unknown[] = [];
  const call = { stream } as unknown as ServerInterceptingCallInterface;
  const room = new MessageRoom(call, budget, 100, (refusal) => refusals.push(refusal));
  return { stream, refusals, room };
}

it.each([1, 3, 4, 5, 7, 64])('finds each length, in pieces of %d bytes', (piece) => {
  const budget = new BodyBudget(1_000);
  const { stream, room } = roomIn(budget);
  const bytes = framed(10, 0, 20);
  for (let at = 0; at < bytes.length; at += piece) stream.emit('data', bytes.subarray(at, at + piece));

  expect(budget.held).toBe(30);
  room.take().release();
  expect(budget.held).toBe(20);
  stream.emit('close');
  expect(budget.held).toBe(0);
});

it('refuses by the length alone, once', () => {
  const budget = new BodyBudget(50);
  const { stream, room, refusals } = roomIn(budget);
  stream.emit('data', framed(40));
  stream.emit('data', framed(40).subarray(0, 5));
  stream.emit('data', framed(40, 40).subarray(5));

  expect(refusals).toMatchObject([{ code: 'overloaded' }]);
  expect(room.refused).toBe(true);
  expect(budget.held).toBe(40);
});

it('leaves what is too large for any message to its size', () => {
  const budget = new BodyBudget(50);
  const { stream, room } = roomIn(budget);
  stream.emit('data', framed(101).subarray(0, 5));

  expect(room.refused).toBe(false);
  expect(budget.held).toBe(0);
});
