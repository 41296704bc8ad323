import type { Variant } from '@trivium/contracts/model-manifest';

interface ChangedNode {
  readonly name: string;
  readonly operator: string;
  /** Operators that took its place. */
  readonly into: string;
}

interface KeptNode {
  readonly name: string;
  readonly operator: string;
  readonly reason: string;
}

export interface QuantizationReport {
  readonly variant: QuantizedVariant;
  readonly changed: readonly ChangedNode[];
  /** Nodes that hold weights and stayed as they were. */
  readonly kept: readonly KeptNode[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export type QuantizedVariant = Exclude<Variant, 'fp32'>;

/** Takes down what a pass did. */
export class Ledger {
  readonly changed: ChangedNode[] = [];
  readonly kept: KeptNode[] = [];

  change({ name, opType }: Named, into: string): void {
    this.changed.push({ name: name ?? '', operator: opType, into });
  }

  keep({ name, opType }: Named, reason: string): void {
    this.kept.push({ name: name ?? '', operator: opType, reason });
  }
}

interface Named {
  readonly name?: string;
  readonly opType: string;
}
