import type { Quadrilateral } from '@trivium/contracts/content';
import { describe, expect, it } from 'vitest';
import { Row } from '../layout/row.js';
import { type LabelName, labelRow, valueAfter } from './labels.js';

/** Spans of a row as text with its left edge; 20 pixels a character, 20 high. */
function row(...spans: readonly (readonly [text: string, left: number])[]): Row {
  return new Row(
    spans.map(([text, left]) => {
      const box = { left, right: left + 20 * text.length, top: 0, bottom: 20 };
      const quadrilateral: Quadrilateral = [
        [box.left, 0],
        [box.right, 0],
        [box.right, 20],
        [box.left, 20],
      ];
      return { text, confidence: 1, quadrilateral, box };
    }),
  );
}

function values(of: Row): [LabelName, string | null][] {
  const labelled = labelRow(of);
  return labelled.labels.map((label) => [label.name, valueAfter(labelled, label)?.text ?? null]);
}

describe('labels', () => {
  it.each<[string, Row, LabelName, string | null]>([
    ['label and value in one line', row(['名称：上海远帆木公司', 0]), 'partyName', '上海远帆木公司'],
    ['label and value apart', row(['校验码：', 0], ['69036 41818', 90]), 'checkCode', '69036 41818'],
    ['a label torn in two', row(['名', 0], ['称：甲公司', 90]), 'partyName', '甲公司'],
    ['the first half of a label lost', row(['称：甲公司', 90]), 'partyName', '甲公司'],
    ['no colon', row(['发票号码13515985', 0]), 'number', '13515985'],
    ['half-width colon', row(['发票代码:031002200311', 0]), 'code', '031002200311'],
    ['one character misread', row(['开期日期：2022年02月05日', 0]), 'date', '2022年02月05日'],
    ['two of six misread', row(['纳税人翔号：91320505MAPAP6EW4K', 0]), 'taxId', '91320505MAPAP6EW4K'],
    ['a label without value', row(['纳税人识别号：', 0]), 'taxId', null],
    ['the next value too far away', row(['小写', 0], ['¥1.00', 400]), 'figures', null],
  ])('reads %s', (_, of, name, value) => {
    expect(values(of)).toEqual([[name, value]]);
  });

  it('tells 发票代码 from 发票号码 though one character parts them', () => {
    expect(values(row(['发票代码：0310 发票号码：1351', 0]))).toEqual([
      ['code', '0310'],
      ['number', '1351'],
    ]);
  });

  it('takes neither when the character that parts them was misread', () => {
    expect(values(row(['发票什码：13515985', 0]))).toEqual([]);
  });

  it('ends a value at the next label and at a gap', () => {
    expect(values(row(['名称：甲公司', 0], ['售', 300], ['名称：乙公司', 340]))).toEqual([
      ['partyName', '甲公司'],
      ['partyName', '乙公司'],
    ]);
    expect(values(row(['名称：甲公司', 0], ['密', 135]))).toEqual([['partyName', '甲公司']]);
  });

  it('does not take a column title for the label of a party', () => {
    expect(labelRow(row(['货物或应税劳务、服务名称', 0])).labels).toEqual([]);
    expect(labelRow(row(['项目名称', 0])).labels).toEqual([]);
  });

  it('does not take 价税合计 for the sums', () => {
    expect(labelRow(row(['价税合计（大写）', 0])).labels.map(({ name }) => name)).toEqual(['grandTotal']);
    expect(labelRow(row(['价税合计（大', 0])).labels.map(({ name }) => name)).toEqual(['grandTotal']);
    expect(labelRow(row(['合', 0], ['计', 60])).labels.map(({ name }) => name)).toEqual(['sum']);
  });
});
