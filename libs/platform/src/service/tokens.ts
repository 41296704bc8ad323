/** Nest injection token of the service's logger. */
export const LOGGER = Symbol('LOGGER');

/** Nest injection token of the service's `Health`. */
export const HEALTH = Symbol('HEALTH');
