import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { Batcher } from '../batching/batcher.js';
import { FakeClock, settled } from '../clock/fake-clock.js';
import { FakeModel } from '../model/fake-model.js';
import { type BreakerEvent, InstanceGroup } from './instance-group.js';

const down = (): DomainError => new DomainError('unavailable', 'down');

function rig() {
  const clock = new FakeClock();
  const [near, far] = [new FakeModel(), new FakeModel()];
  const events: BreakerEvent[] = [];
  const breaker = { failures: 2, openForMs: 100, longestOpenMs: 300 };
  const group = new InstanceGroup([near, far], { clock, breaker, onBreaker: (event) => events.push(event) });
  const batcher = new Batcher(group, { maxWaiting: 100, clock });
  return { clock, near, far, events, group, batcher };
}

describe('InstanceGroup behind a Batcher', () => {
  it('uses the first that is idle, in order', async () => {
    const { near, far, batcher } = rig();
    const answers = ['a', 'b'].map((name) => batcher.run({ name }));
    near.latest.finish();
    far.latest.finish();

    const executions = (await Promise.all(answers)).map(({ execution }) => execution.instance);

    expect(executions).toEqual(['cpu:0', 'cpu:1']);
    expect(near.runs[0]?.names).toEqual(['a']);
  });

  it('moves the work of an instance that fails to the next', async () => {
    const { near, far, batcher } = rig();
    const answer = batcher.run({ name: 'a' });
    near.latest.fail(down());
    await settled();
    far.latest.finish();

    expect((await answer).execution).toMatchObject({ instance: 'cpu:1', releaseReason: 'moved' });
  });

  it('fails what every instance failed', async () => {
    const { near, far, batcher } = rig();
    const answer = batcher.run({ name: 'a' });
    const outcome = expect(answer).rejects.toMatchObject({ code: 'unavailable' });
    near.latest.fail(down());
    await settled();
    far.latest.fail(down());

    await outcome;
  });

  it('leaves out an instance that keeps failing, and tries it again later', async () => {
    const { clock, near, far, events, batcher } = rig();
    for (let n = 0; n < 2; n += 1) {
      const answer = batcher.run({ name: 'a' });
      near.latest.fail(down());
      await settled();
      far.latest.finish();
      await answer;
      await settled();
    }
    expect(events).toMatchObject([{ instance: 'cpu:0', type: 'opened' }]);

    const meanwhile = batcher.run({ name: 'b' });
    far.latest.finish();
    expect((await meanwhile).execution.instance).toBe('cpu:1');
    await clock.advance(100);
    const probe = batcher.run({ name: 'c' });
    near.latest.finish();

    expect((await probe).execution.instance).toBe('cpu:0');
    expect(events.map(({ type }) => type)).toEqual(['opened', 'closed']);
  });

  it('lets waiting work go on when a broken instance is due for a probe', async () => {
    const { clock, near, far, group, batcher } = rig();
    const signal = new AbortController().signal;
    for (let n = 0; n < 2; n += 1) {
      const direct = expect(group.instances[0]?.doRun([{ name: 'x' }], signal)).rejects.toThrow('down');
      near.latest.fail(down());
      await direct;
    }
    void batcher.run({ name: 'long' });
    const waiting = batcher.run({ name: 'b' });
    expect(far.latest.names).toEqual(['long']);

    await clock.advance(100);
    near.latest.finish();

    expect((await waiting).execution.instance).toBe('cpu:0');
  });

  it('refuses at once when nothing answers, with a time to come back', async () => {
    const { near, far, group, batcher } = rig();
    const signal = new AbortController().signal;
    for (let n = 0; n < 2; n += 1) {
      const direct = expect(group.doRun([{ name: 'x' }], signal)).rejects.toMatchObject({
        code: 'unavailable',
      });
      near.latest.fail(down());
      await settled();
      far.latest.fail(down());
      await direct;
    }

    await expect(batcher.run({ name: 'a' })).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterMs: 100,
    });
  });

  it('blames the input, not the instance, for other failures', async () => {
    const { near, events, batcher } = rig();
    for (let n = 0; n < 5; n += 1) {
      const bad = expect(batcher.run({ name: 'bad' })).rejects.toThrow('bad input');
      near.latest.fail(new Error('bad input'));
      await bad;
      await settled();
    }

    expect(events).toEqual([]);
  });
});
