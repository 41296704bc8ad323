import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ReplyOf } from '@trivium/contracts';
import { listVisionModels, readText } from '@trivium/contracts/vision-inference';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningVision, startVision } from './running-service.js';

const SAMPLES = fileURLToPath(new URL('../../../samples', import.meta.url));
const sample = (name: string): Promise<Buffer> => readFile(`${SAMPLES}/${name}`);
/** What a request may take on a machine that has other things to do. */
const deadline = 60_000;

let nats: NatsProcess;
let vision: RunningVision;

beforeAll(async () => {
  nats = await startNats();
  vision = await startVision(nats.url, { VISION_WORKERS: '2' });
});

afterAll(async () => {
  await vision[Symbol.asyncDispose]();
  await nats.stop();
});

async function read(
  bytes: Uint8Array,
  mediaType = 'image/jpeg',
  by = vision,
): Promise<ReplyOf<typeof readText>> {
  const image = await by.messaging.blobs.put(bytes, mediaType);
  return by.messaging.call(readText, { image, path: 'messages[0]' }, { deadline });
}

/** Without spaces and dots, which a few pixels more or less decide. */
const plain = (line: string): string => line.normalize('NFKC').replace(/[\s.]/gu, '');
const texts = ({ lines }: ReplyOf<typeof readText>): string[] => lines.map(({ text }) => text);

describe('vision-inference.read-text.v1', () => {
  it('reads a photo of an invoice', async () => {
    const truth = JSON.parse((await sample('invoices/invoice-01.json')).toString()) as {
      fields: { number: string; buyerTaxId: string; sellerName: string };
      totalInWords: string;
    };

    const reply = await read(await sample('invoices/invoice-01.jpg'));

    const page = texts(reply).join('\n');
    for (const value of [
      truth.fields.number,
      truth.fields.buyerTaxId,
      truth.fields.sellerName,
      truth.totalInWords,
    ]) {
      expect(page).toContain(value);
    }
    expect(reply).toMatchObject({
      width: 1200,
      height: 858,
      execution: { model: 'pp-ocrv4', variant: 'fp32', placement: 'cpu' },
    });
    for (const { quadrilateral, confidence } of reply.lines) {
      expect(confidence).toBeGreaterThanOrEqual(0.5);
      for (const [x, y] of quadrilateral) {
        expect(x >= 0 && x <= reply.width && y >= 0 && y <= reply.height).toBe(true);
      }
    }
  });

  it('keeps neighbouring columns apart, in reading order, in two languages', async () => {
    const truth = JSON.parse((await sample('pictures/two-columns.json')).toString()) as { lines: string[] };

    const reply = await read(await sample('pictures/two-columns.png'), 'image/png');

    expect(texts(reply).map(plain)).toEqual(truth.lines.map(plain));
  });

  it.each([90, 180, 270])(
    'reads a page turned by %d degrees, corners from where its text begins',
    async (angle) => {
      const original = await read(await sample('pictures/notice-en.png'), 'image/png');

      const reply = await read(
        await sharp(await sample('pictures/notice-en.png'))
          .rotate(angle)
          .png()
          .toBuffer(),
        'image/png',
      );

      expect(texts(reply).slice(0, 3).map(plain)).toEqual(texts(original).slice(0, 3).map(plain));
      const [[x0, y0], [x1, y1]] = reply.lines[0]?.quadrilateral ?? [
        [0, 0],
        [0, 0],
      ];
      const direction = Math.round((Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI);
      expect((direction + 360) % 360).toBe(angle);
    },
  );

  it('answers in the frame of the picture as it is seen, after its EXIF orientation', async () => {
    const picture = sharp(await sample('pictures/notice-en.png'));
    const upright = await read(await picture.clone().jpeg({ quality: 95 }).toBuffer());
    const turned = await picture
      .clone()
      .rotate(270)
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toBuffer();

    const reply = await read(turned);

    expect([reply.width, reply.height]).toEqual([upright.width, upright.height]);
    expect(texts(reply).map(plain)).toEqual(texts(upright).map(plain));
    const [corner, same] = [reply, upright].map(({ lines }) => lines[0]?.quadrilateral[0] ?? [0, 0]);
    expect(
      Math.hypot((corner?.[0] ?? 0) - (same?.[0] ?? 0), (corner?.[1] ?? 0) - (same?.[1] ?? 0)),
    ).toBeLessThan(3);
  });

  it('answers with no lines when there is no text', async () => {
    const blank = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#fff' } })
      .webp()
      .toBuffer();

    expect(await read(blank, 'image/webp')).toMatchObject({ width: 300, height: 200, lines: [] });
  });

  it.each([
    ['what is no image', Buffer.from('hello'), 'image/png'],
    [
      'a drawing',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      'image/svg+xml',
    ],
  ])('refuses %s, naming the part', async (_, bytes, mediaType) => {
    await expect(read(bytes, mediaType)).rejects.toMatchObject({
      code: 'unsupported_media',
      param: 'messages[0]',
    });
  });

  it('refuses a photo that is cut off', async () => {
    const photo = await sample('invoices/invoice-01.jpg');

    await expect(read(photo.subarray(0, photo.length / 2))).rejects.toMatchObject({
      code: 'unsupported_media',
    });
  });

  it('lists its model as ready', async () => {
    const { models } = await vision.messaging.call(listVisionModels, {});

    expect(models[0]).toMatchObject({ id: 'pp-ocrv4', task: 'read-text', placement: 'cpu', ready: true });
  });

  it('finishes a request whose worker is killed in the middle of it', async () => {
    const before = await vision.workers();
    const photo = await sample('invoices/invoice-05.jpg');
    const expected = texts(await read(photo));

    const replies = [read(photo), read(photo)];
    process.kill(before[0] ?? 0, 'SIGKILL');

    for (const reply of await Promise.all(replies)) expect(texts(reply)).toEqual(expected);
    expect(texts(await read(photo))).toEqual(expected);
  });

  it('leaves the work to its workers, so that its own event loop stays free', async () => {
    const photo = await sample('invoices/invoice-05.jpg');
    const service = vision.process.pid ?? 0;
    const workers = await vision.workers();
    const before = [await cpuTicks([service]), await cpuTicks(workers)] as const;

    await Promise.all(Array.from({ length: 4 }, () => read(photo)));

    const own = (await cpuTicks([service])) - before[0];
    const theirs = (await cpuTicks(workers)) - before[1];
    expect(theirs).toBeGreaterThan(0);
    expect(own).toBeLessThan(theirs / 3);
  });
});

/** Processor time that the processes have taken so far; unlike waiting, it does not depend on the machine's load. */
async function cpuTicks(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]); // utime, stime: proc(5)
    }),
  );
  return ticks.reduce((sum, one) => sum + one, 0);
}

describe('at its limits', () => {
  /** A replica on the other server would take half of the work. */
  let quiet: NatsProcess;
  beforeAll(async () => {
    quiet = await startNats();
  });
  afterAll(() => quiet.stop());

  it('refuses beyond its bound at once, with a time to come back', async () => {
    await using small = await startVision(quiet.url, { VISION_MAX_PAGES: '1', VISION_WORKERS: '1' });
    const photo = await sample('invoices/invoice-02.jpg');
    const image = await small.messaging.blobs.put(photo, 'image/jpeg');

    const outcomes = await Promise.allSettled(
      Array.from({ length: 24 }, () => small.messaging.call(readText, { image }, { deadline })),
    );

    const refused = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    );
    expect(refused.length).toBeGreaterThan(0);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'overloaded', retryable: true });
    expect(outcomes.length).toBeGreaterThan(refused.length);
  });

  it('finishes what is in flight when it is told to stop, and leaves nothing behind', async () => {
    await using stopping = await startVision(quiet.url);
    const workers = await stopping.workers();
    const photo = await sample('invoices/invoice-02.jpg');
    const replies = Promise.all(Array.from({ length: 4 }, () => read(photo, 'image/jpeg', stopping)));
    await stopping.messaging.call(listVisionModels, {}); // what was sent before has arrived

    stopping.process.kill('SIGTERM');
    const [code] = (await once(stopping.process, 'exit')) as [number];

    expect((await replies).every(({ lines }) => lines.length > 20)).toBe(true);
    expect(code).toBe(0);
    for (const worker of workers) expect(() => process.kill(worker, 0)).toThrow('ESRCH');
  });

  it('says that its model is not available when the pack is missing, and is not ready', async () => {
    await using empty = await startVision(quiet.url, { VISION_MODELS_DIR: `${SAMPLES}/none` }, false);

    const ready = await fetch(`${empty.opsUrl}/health/ready`);

    expect(ready.status).toBe(503);
    const image = {
      kind: 'inline',
      mediaType: 'image/png',
      bytes: await sample('pictures/notice-en.png'),
    } as const;
    await expect(empty.messaging.call(readText, { image })).rejects.toMatchObject({
      code: 'model_not_available',
    });
  });
});
