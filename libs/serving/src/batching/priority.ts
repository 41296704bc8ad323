import { DomainError } from '@trivium/contracts';
import type { Priority } from './entry.js';

export interface PriorityRules {
  /** Default 2. */
  readonly priorityLevels?: number | undefined;
  /** Of work that names neither level nor priority. Default 1. */
  readonly defaultPriorityLevel?: number | undefined;
}

const PRIORITY_LEVELS = 2;

/** 1 goes first. `invalid_request` for a level that there is not. */
export function priorityLevelOf(
  asked: { readonly priority?: Priority | undefined; readonly priorityLevel?: number | undefined },
  { priorityLevels = PRIORITY_LEVELS, defaultPriorityLevel = 1 }: PriorityRules,
): number {
  const { priority, priorityLevel } = asked;
  if (priorityLevel === undefined) {
    if (priority === undefined) return defaultPriorityLevel;
    return priority === 'interactive' ? 1 : priorityLevels;
  }
  if (Number.isInteger(priorityLevel) && priorityLevel >= 1 && priorityLevel <= priorityLevels) {
    return priorityLevel;
  }
  throw new DomainError('invalid_request', `The model has priority levels 1 to ${priorityLevels}`, {
    param: 'priorityLevel',
  });
}
