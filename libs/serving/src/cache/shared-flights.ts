/** The right to compute a value for all replicas; exactly one of the two ends it. */
export interface FlightClaim<Value> {
  /** Hands the value to the replicas that wait. */
  publish(value: Value): Promise<void>;
  /** Lets another replica claim it. */
  abandon(): Promise<void>;
}

/**
 * Single flight across replicas, over whatever they share. A claim ends by itself after its time, so
 * that a replica that died with it holds nobody up.
 */
export interface SharedFlights<Value> {
  claim(key: string, ttlMs: number): Promise<SharedFlight<Value>>;
}

export type SharedFlight<Value> =
  | { readonly kind: 'claimed'; readonly claim: FlightClaim<Value> }
  | {
      readonly kind: 'elsewhere';
      /** Another replica's value; rejects when that one abandons it, or the claim's time is over. */
      result(signal: AbortSignal): Promise<Value>;
    };
