import { DomainError, type RequestOf } from '@trivium/contracts';
import type { Quadrilateral } from '@trivium/contracts/content';
import { markDocument } from '@trivium/contracts/ocr-certification';
import { appendTurn } from '@trivium/contracts/session';
import { describe, expect, it } from 'vitest';
import { artifactsOf } from '../src/fusion/document-facts.js';
import { field, invoice, page } from '../src/rendering/invoice.fixture.js';
import { dialogueWithRouter, item, picture, text } from './dialogue.js';
import { textOf, turn } from './house.js';

const { script, ask, modelSays } = dialogueWithRouter();

const AT: Quadrilateral = [
  [10, 10],
  [60, 10],
  [60, 20],
  [10, 20],
];
const read = invoice({ fields: { total: field('¥1,130.00', { normalized: '1130.00', quadrilateral: AT }) } });
const marked = { kind: 'inline' as const, mediaType: 'image/jpeg', bytes: Buffer.from([9, 9]) };
const state = { responseId: 'resp_2', conversationId: 'conv_1' };
const earlier = item({
  parts: [{ type: 'image', fileId: 'file_1' }],
  artifacts: artifactsOf({
    label: 'picture',
    fileId: 'file_1',
    origin: 'turn',
    invoice: read,
    pages: [page('x')],
  }),
});

describe('show me where', () => {
  it('answers with the page, its places outlined, and a legend; no model is asked', async () => {
    modelSays('never');
    script.extractInvoice = async () => ({ invoice: read, pages: [page('发票')], execution: [] });
    script.markDocument = async () => ({ picture: marked, width: 100, height: 100 });

    const parts = await ask(turn([text('把这张发票的总金额标出来'), picture()]));

    expect(parts[1]).toEqual({ type: 'picture', image: marked, alt: '标注了位置的页面' });
    expect(textOf(parts)).toBe('1. 价税合计（小写）：¥1,130.00');
    expect(script.requests(markDocument)).toMatchObject([
      { document: { mediaType: 'image/png' }, page: 1, places: [AT] },
    ]);
  });

  it('takes the picture of an earlier turn from where it is kept, and stores the legend alone', async () => {
    script.loadHistory = async () => ({ items: [earlier], head: 1 });
    script.readFile = async ({ fileId }) => ({
      file: {
        id: fileId,
        filename: 'a.jpg',
        mediaType: 'image/jpeg',
        purpose: 'vision',
        size: 3,
        sha256: '0'.repeat(64),
        createdAt: 0,
        expiresAt: null,
      },
      content: { kind: 'inline', mediaType: 'image/jpeg', bytes: new Uint8Array([1, 2, 3]) },
    });
    script.markDocument = async () => ({ picture: marked, width: 100, height: 100 });

    const parts = await ask(turn([text('Show me where the total is')], { state }));

    expect(parts.map(({ type }) => type)).toEqual(['route-decided', 'picture', 'text-delta', 'turn-end']);
    expect(script.requests(markDocument)).toMatchObject([{ document: { mediaType: 'image/jpeg' } }]);
    const [stored] = script.requests(appendTurn) as RequestOf<typeof appendTurn>[];
    expect(stored?.output).toMatchObject([{ parts: [{ type: 'text', text: textOf(parts) }] }]);
  });

  it('says so when the picture is not kept any more, and tells what was read', async () => {
    script.loadHistory = async () => ({ items: [earlier], head: 1 });
    script.readFile = async () => {
      throw new DomainError('not_found', 'There is no such file.');
    };

    const parts = await ask(turn([text('把总金额标出来')], { state }));

    expect(textOf(parts)).toBe(
      '原件已不在，无法在图上标出；读到的内容如下。\n\n1. 价税合计（小写）：¥1,130.00',
    );
  });
});
