import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@trivium/contracts';
import type { Records } from '@trivium/messaging';
import { RegisteredModel } from './registered-model.js';

const ATTEMPTS = 20;
/** Longest pause before the second attempt, in milliseconds; a multiple before later ones. */
const PAUSE_MS = 20;

interface ModelRecord {
  readonly model: RegisteredModel;
  readonly revision: number;
}

/** One record for each model, written by any replica of any service. */
export class ModelRecords {
  constructor(private readonly records: Records) {}

  async read(id: string): Promise<ModelRecord | undefined> {
    const found = await this.records.get(id);
    if (found === undefined) return undefined;
    return { model: RegisteredModel.parse(found.value), revision: found.revision };
  }

  /**
   * Decides again on what somebody else wrote in between. Undefined from `decide` removes the record.
   * Throws what `decide` throws, and `conflict` when others are always faster.
   */
  async change<Next extends RegisteredModel | undefined>(
    id: string,
    decide: (model: RegisteredModel | undefined) => Next,
  ): Promise<Next> {
    for (let attempt = 1; ; attempt++) {
      const found = await this.read(id);
      const next = decide(found?.model);
      try {
        if (next !== undefined) await this.records.put(id, next, found?.revision ?? 0);
        else if (found !== undefined) await this.records.delete(id, found.revision);
        return next;
      } catch (error) {
        if (!DomainError.is(error) || error.code !== 'conflict' || attempt === ATTEMPTS) throw error;
        await delay(Math.random() * PAUSE_MS * attempt);
      }
    }
  }
}
