import type { NewItem } from '@trivium/contracts/session';
import { describe, expect, it } from 'vitest';
import { draftItems, itemsParameter, placeItems } from './write-items.js';

const say = (text: string, overrides: Partial<NewItem> = {}): NewItem => ({
  role: 'user',
  status: 'completed',
  parts: [{ type: 'text', text }],
  ...overrides,
});

describe('draftItems', () => {
  it('numbers the items of one direction and gives each its own id', () => {
    const drafts = draftItems([say('a'), say('b')], 'input');

    expect(drafts.map(({ direction, position }) => ({ direction, position }))).toEqual([
      { direction: 'input', position: 0 },
      { direction: 'input', position: 1 },
    ]);
    expect(drafts[0]?.id).not.toBe(drafts[1]?.id);
  });

  it('keeps an id that the caller chose', () => {
    expect(draftItems([say('a', { id: 'msg_chosen' })])[0]?.id).toBe('msg_chosen');
  });
});

describe('itemsParameter', () => {
  it('keeps a reading that is absent as null, which a row must hold', () => {
    const drafts = draftItems([say('', { artifacts: [{ kind: 'invoice', fileId: null, data: undefined }] })]);

    const [sent] = JSON.parse(itemsParameter(drafts)) as [{ artifacts: unknown }];

    expect(sent.artifacts).toEqual([{ kind: 'invoice', fileId: null, data: null }]);
  });
});

describe('placeItems', () => {
  it('goes on after the head of the conversation', () => {
    const items = placeItems(draftItems([say('a'), say('b')]), {
      before: 7,
      responseId: null,
      createdAt: 1,
    });

    expect(items.map(({ sequence }) => sequence)).toEqual([8, 9]);
    expect(Object.keys(items[0] ?? {}).sort()).toEqual([
      'createdAt',
      'id',
      'parts',
      'responseId',
      'role',
      'sequence',
      'status',
    ]);
  });

  it('has no sequence outside a conversation', () => {
    const [item] = placeItems(draftItems([say('a')], 'output'), {
      before: null,
      responseId: 'resp_1',
      createdAt: 1,
    });

    expect(item).toMatchObject({ sequence: null, responseId: 'resp_1' });
  });
});
