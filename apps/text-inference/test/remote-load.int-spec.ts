import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import type { RawPart } from '../src/catalogue/text-model.js';
import { collect, failure, remoteScene, request, said } from './remote-scene.js';
import { DONE, finish, refuses, says, stream, text } from './upstream.js';

describe('RemotePlacement under load', () => {
  const scene = remoteScene();

  it('does not blame the upstream for a consumer that reads slowly', async () => {
    const reading = Promise.withResolvers<void>();
    scene.upstream.will(async (response) => {
      stream(response);
      response.write(text('one'));
      await reading.promise;
      response.end(text('two') + finish() + DONE);
    });
    const { first, rest } = await scene
      .place({ idleTimeoutMs: 60, firstTokenTimeoutMs: 60 })
      .doOpen(request(), new AbortController().signal);
    await new Promise((resolve) => setTimeout(resolve, 150)); // the consumer's own pause
    reading.resolve();

    const others: RawPart[] = [];
    for await (const part of rest) others.push(part);
    expect(said([first, ...others])).toBe('onetwo');
  });

  it('pauses the upstream when nobody reads', async () => {
    const written = Promise.withResolvers<number>();
    scene.upstream.will(async (response) => {
      stream(response);
      const piece = text('x'.repeat(64 * 1024));
      let count = 0;
      while (count < 2000 && response.write(piece)) {
        count += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      // write() answered false: now wait whether the socket ever drains
      let more = 0;
      const pump = (): void => {
        while (more < 2000 && response.write(piece)) more += 1;
        if (more < 2000) response.once('drain', pump);
      };
      response.once('drain', pump);
      setTimeout(() => written.resolve(count + more), 300);
    });
    const { rest } = await scene.place().doOpen(request(), new AbortController().signal);

    expect(await written.promise).toBeLessThan(400); // of 2000: the kernel's buffers and ours, no more
    await rest.return();
    await scene.upstream.calls[0]?.left;
  });

  it('frees the upstream within milliseconds when the caller leaves', async () => {
    scene.upstream.will((response) => {
      stream(response);
      response.write(text('once'));
    });
    const caller = new AbortController();
    const { rest } = await scene.place().doOpen(request(), caller.signal);
    const pending = failure(rest.next());

    const leftAt = performance.now();
    caller.abort();

    expect((await pending).code).toBe('cancelled');
    await scene.upstream.calls[0]?.left;
    expect(performance.now() - leftAt).toBeLessThan(500);
  });

  it('frees the upstream when the caller leaves before the first token', async () => {
    const arrived = Promise.withResolvers<void>();
    scene.upstream.will(() => arrived.resolve());
    const caller = new AbortController();
    const pending = failure(collect(scene.place(), request(), caller.signal));
    await arrived.promise;

    caller.abort(new DomainError('deadline_exceeded', 'time is up'));

    expect((await pending).code).toBe('deadline_exceeded');
    await scene.upstream.calls[0]?.left;
  });

  it('bounds what runs at once', async () => {
    scene.upstream.will((response) => {
      stream(response);
      response.write(text('once'));
    }, says('free again'));
    const placement = scene.place({ maxConcurrent: 1 });
    const { rest } = await placement.doOpen(request(), new AbortController().signal);

    expect(await failure(collect(placement))).toMatchObject({ code: 'overloaded', retryAfterMs: 1_000 });
    await rest.return();
    expect(said(await collect(placement))).toBe('free again');
  });

  it('rests after repeated failures and tries again', async () => {
    scene.upstream.will(refuses(500), refuses(500), says('back'));
    const placement = scene.place({}, { failures: 2, halfOpenMs: 50 });
    await failure(collect(placement));
    await failure(collect(placement));

    expect(placement.isReady()).toBe(false);
    expect(await failure(collect(placement))).toMatchObject({ code: 'unavailable' });
    expect(scene.upstream.calls).toHaveLength(2);

    await new Promise((resolve) => setTimeout(resolve, 80)); // the rest itself
    expect(said(await collect(placement))).toBe('back');
    expect(placement.isReady()).toBe(true);
  });

  it('does not count a caller who leaves, nor a bad request, against the upstream', async () => {
    scene.upstream.will(refuses(400), refuses(429), says('fine'));
    const placement = scene.place({}, { failures: 1 });

    await failure(collect(placement));
    await failure(collect(placement));

    expect(said(await collect(placement))).toBe('fine');
  });
});
