/** Nest injection token of the {@link Messaging} client. */
export const MESSAGING: unique symbol = Symbol.for('trivium.messaging');

/** Marks the handlers that belong to this transport and no other. */
export const TRANSPORT: unique symbol = Symbol.for('trivium.messaging.transport');
