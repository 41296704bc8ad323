import type {
  CertificateCheck,
  CertificateCheckId,
  CertificateFieldName,
  CertificateFields,
} from '@trivium/contracts/certificates';
import type { DocumentField } from '@trivium/contracts/invoice';

/** The outcome of a rule, with what the verdict needs to know about it. */
export interface Finding {
  readonly check: CertificateCheck;
  /** Of the least certain value that the rule rests on. */
  readonly confidence: number;
  /** The document contradicts itself or has ended; otherwise a failure is as likely a reading error. */
  readonly grave: boolean;
}

/** The values that one rule rests on. */
export class Inputs {
  constructor(
    private readonly id: CertificateCheckId,
    private readonly fields: CertificateFields,
    private readonly names: readonly CertificateFieldName[],
  ) {}

  /** Canonical where there is a canonical form, else as printed; null when it was not read. */
  value(name: CertificateFieldName): string | null {
    const field = this.fields[name];
    return field == null ? null : (field.normalized ?? field.value);
  }

  passed(message: string): Finding {
    return this.#finding('passed', message, false);
  }

  notApplicable(message: string): Finding {
    return this.#finding('not-applicable', message, false);
  }

  failed(
    message: string,
    facts: { readonly grave: boolean; readonly expected?: string; readonly actual?: string },
  ): Finding {
    const finding = this.#finding('failed', message, facts.grave);
    if (facts.expected !== undefined) finding.check.expected = facts.expected;
    if (facts.actual !== undefined) finding.check.actual = facts.actual;
    return finding;
  }

  #finding(status: CertificateCheck['status'], message: string, grave: boolean): Finding {
    const read = this.names.filter((name) => this.fields[name] != null);
    return {
      check: { id: this.id, status, message, inputs: read },
      confidence: leastCertain(read.map((name) => this.fields[name])),
      grave,
    };
  }
}

function leastCertain(fields: readonly (DocumentField | null | undefined)[]): number {
  return Math.min(1, ...fields.map((field) => field?.confidence ?? 1));
}
