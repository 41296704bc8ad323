import { CreateSession1763700000000 } from './1763700000000-create-session.js';

/** Oldest first. What was released stays as it is and where it is; new ones go to the end. */
export const MIGRATIONS = [CreateSession1763700000000] as const;
