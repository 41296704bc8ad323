import type { CallContext } from '@trivium/messaging';
import { expect, it } from 'vitest';
import { ExtractInvoice, todayIn } from './extract-invoice.js';

it('takes the day where invoices are issued', () => {
  expect(todayIn(new Date('2026-11-21T15:59:00Z'))).toBe('2026-11-21');
  expect(todayIn(new Date('2026-11-21T16:01:00Z'))).toBe('2026-11-22');
});

it('answers what was read even when it is no invoice', async () => {
  const read = { pages: [{ page: 1, width: 10, height: 10, lines: [] }], execution: [] };
  const extract = new ExtractInvoice({ execute: () => Promise.resolve(read) }, () => new Date());
  const document = { kind: 'inline', mediaType: 'image/png', bytes: new Uint8Array() } as const;

  expect(await extract.execute({ document }, { requestId: 'r' } as CallContext)).toEqual({
    invoice: null,
    ...read,
  });
});
