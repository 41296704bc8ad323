export type InvoiceLayout = 'vat-electronic' | 'vat-special' | 'digital';

export interface Party {
  readonly name: string;
  /** Empty for a private person. */
  readonly taxId: string;
  readonly addressAndPhone: string;
  readonly bankAndAccount: string;
}

/** Every cell as printed; an empty string is an empty cell. */
export interface ItemRow {
  readonly name: string;
  readonly specification: string;
  readonly unit: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: string;
  readonly taxRate: string;
  readonly taxAmount: string;
}

/** Everything printed on one invoice; amounts are plain decimals without the currency sign. */
export interface InvoiceSpecification {
  readonly layout: InvoiceLayout;
  readonly title: string;
  readonly region: string;
  /** Absent on the fully digital layout. */
  readonly code: string | null;
  readonly number: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly checkCode: string | null;
  readonly machineNumber: string;
  readonly cipher: readonly string[];
  readonly buyer: Party;
  readonly seller: Party;
  readonly items: readonly ItemRow[];
  readonly netAmount: string;
  readonly taxAmount: string;
  readonly totalInWords: string;
  readonly total: string;
  readonly remark: readonly string[];
  readonly payee: string;
  readonly reviewer: string;
  readonly issuer: string;
}
