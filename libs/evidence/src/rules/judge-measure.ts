import type { QualityMeasureId } from '@trivium/contracts/certificates';

/** Whether a measure must reach its threshold or may not exceed it. */
const BOUND = {
  resolution: 'least',
  sharpness: 'least',
  glare: 'most',
  darkness: 'least',
  skew: 'most',
  cropped: 'most',
  'screen-pattern': 'most',
  noise: 'least',
} as const satisfies Record<QualityMeasureId, 'least' | 'most'>;

export function judgeMeasure(id: QualityMeasureId, value: number, threshold: number): 'passed' | 'failed' {
  const within = BOUND[id] === 'least' ? value >= threshold : value <= threshold;
  return within ? 'passed' : 'failed';
}
