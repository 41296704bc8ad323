import type { Quadrilateral } from '@trivium/contracts/content';
import { describe, expect, it } from 'vitest';
import { Row, rowsOf } from './row.js';
import type { Span } from './straighten.js';

function span(text: string, left: number, right: number, top = 0, bottom = 20): Span {
  const quadrilateral: Quadrilateral = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
  return { text, confidence: 0.9, quadrilateral, box: { left, right, top, bottom } };
}

describe('Row', () => {
  it('reads spans from left to right with a blank for a gap', () => {
    const row = new Row([span('称：上海', 100, 180), span('名', 0, 20), span('购', 22, 40)]);

    expect(row.text).toBe('名购 称:上海');
  });

  it('drops the character that two overlapping spans share', () => {
    expect(new Row([span('开票日期：2', 0, 110), span('2022年', 95, 160)]).text).toBe('开票日期:2022年');
    expect(new Row([span('112', 0, 60), span('2', 66, 80)]).text).toBe('1122');
  });

  it('cuts a value out of a span together with its place', () => {
    const row = new Row([span('号码：12345678', 0, 200)]);

    const reading = row.read(3, row.text.length);

    expect(reading).toMatchObject({ text: '12345678', confidence: 0.9 });
    expect(reading?.quadrilateral[0][0]).toBeGreaterThan(60);
    expect(reading?.quadrilateral[1]).toEqual([200, 0]);
  });

  it('spans the place of a value over several spans and takes the lowest confidence', () => {
    const row = new Row([span('69036', 0, 60), { ...span('41818', 66, 120), confidence: 0.6 }]);

    const reading = row.read(0, row.text.length);

    expect(reading?.confidence).toBe(0.6);
    expect(reading?.quadrilateral[0]).toEqual([0, 0]);
    expect(reading?.quadrilateral[2]).toEqual([120, 20]);
  });

  it('reads nothing where nothing is printed', () => {
    const row = new Row([span('名', 0, 20), span('称', 100, 120)]);

    expect(row.read(1, 2)).toBeNull();
    expect(row.read(2, 2)).toBeNull();
    expect(row.gapAt(1)).toBe(4);
  });
});

describe('rowsOf', () => {
  it('keeps upright words out and small signs in the row they hang in', () => {
    const rows = rowsOf([
      span('*蔬菜*大白菜', 0, 120, 100, 122),
      span('***', 300, 320, 103, 110),
      span('购买方信息', 400, 420, 60, 160),
      span('合', 0, 20, 140, 160),
    ]);

    expect(rows.map(({ text }) => text)).toEqual(['*蔬菜*大白菜 ***', '合']);
  });
});
