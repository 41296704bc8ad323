import { Sheet } from '../drawing/sheet.js';
import { CARD, drawCardBack, drawCardFront } from './draw-card.js';
import { drawLicense, LICENSE } from './draw-license.js';
import { drawPassport, PASSPORT } from './draw-passport.js';
import { drawProfessionalList, drawProfessionalTable, LIST, TABLE } from './draw-professional.js';
import type { CertificateLayout, CertificateSpecification } from './specification.js';

interface Drawing {
  readonly size: { readonly width: number; readonly height: number };
  readonly draw: (sheet: Sheet, specification: CertificateSpecification) => void;
}

const DRAWINGS = {
  'professional-list': { size: LIST, draw: drawProfessionalList },
  'professional-table': { size: TABLE, draw: drawProfessionalTable },
  'identity-card-front': { size: CARD, draw: drawCardFront },
  'identity-card-back': { size: CARD, draw: drawCardBack },
  'business-license': { size: LICENSE, draw: drawLicense },
  passport: { size: PASSPORT, draw: drawPassport },
} as const satisfies Record<CertificateLayout, Drawing>;

/** The flat certificate as PNG, `scale` pixels for each logical unit. */
export function renderCertificate(specification: CertificateSpecification, scale: number): Buffer {
  const { size, draw } = DRAWINGS[specification.layout];
  const { sheet, canvas } = Sheet.create(size.width, size.height, scale, '#fbf9f4');
  draw(sheet, specification);
  return canvas.toBuffer('image/png');
}
