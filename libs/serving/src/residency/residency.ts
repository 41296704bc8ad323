import { DomainError } from '@trivium/contracts';

/** Something loaded, or about to be, as the memory budget sees it. A `Lifecycle` fits. */
export interface Resident {
  readonly name: string;
  /** Leases on it; above 0 it is never evicted. */
  readonly busy: number;
  /** The lowest goes first. */
  readonly lastUsedAt: number;
  /** Unloads it unless it has become busy; false then. */
  evict(reason: string): Promise<boolean>;
}

/** Memory set aside for one resident, until disposed. */
export interface Reservation extends Disposable {
  readonly bytes: number;
  /** The resident is loaded and holds so much: from now on it may be evicted, and counts with what it measured. */
  loaded(measuredBytes?: number): void;
  /** A later measurement. */
  measured(bytes: number): void;
}

export interface ResidencyOptions {
  readonly budgetBytes: number;
  readonly isPinned?: ((resident: Resident) => boolean) | undefined;
  readonly onEvict?: ((resident: Resident, bytes: number) => void) | undefined;
  /** How soon asking again makes sense when only busy ones could go. */
  readonly retryAfterMs?: number | undefined;
}

interface Seat {
  readonly resident: Resident;
  bytes: number;
  state: 'reserved' | 'loaded' | 'evicting';
}

const RETRY_AFTER_MS = 1_000;

/**
 * Memory of all loaded models under one budget. A load reserves its estimate first, so loads side by side
 * cannot overshoot together; room is made by evicting idle residents, least recently used first, never
 * busy or pinned ones, and none at all unless enough of them can go.
 */
export class Residency {
  readonly #seats = new Set<Seat>();
  /** Reservations are decided one after the other, or two would count on the same victim. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: ResidencyOptions) {}

  get budgetBytes(): number {
    return this.options.budgetBytes;
  }

  /** Reserved and measured, of all. */
  get usedBytes(): number {
    let sum = 0;
    for (const { bytes } of this.#seats) sum += bytes;
    return sum;
  }

  /**
   * Sets the estimate aside, after evicting what must go. Throws `model_not_available` (details: `neededBytes`,
   * `budgetBytes`) when it could not fit even beside pinned residents only, `overloaded` with a time to
   * come back when it would fit once busy or loading ones are done.
   */
  async reserve(resident: Resident, bytes: number, signal?: AbortSignal): Promise<Reservation> {
    const turn = this.#turn.then(() => {
      signal?.throwIfAborted();
      return this.#reserve(resident, bytes);
    });
    this.#turn = turn.catch(() => undefined); // the caller hears of it
    return turn;
  }

  /** Whether it would fit without evicting anything. */
  fits(bytes: number): boolean {
    return this.usedBytes + bytes <= this.budgetBytes;
  }

  async #reserve(resident: Resident, bytes: number): Promise<Reservation> {
    const stayed = new Set<Seat>();
    while (!this.fits(bytes)) {
      const [victim] = this.#victims(resident, bytes, stayed);
      if (victim !== undefined && !(await this.#evict(victim))) stayed.add(victim);
    }
    return this.#seat(resident, bytes);
  }

  #seat(resident: Resident, estimate: number): Reservation {
    const seat: Seat = { resident, bytes: estimate, state: 'reserved' };
    this.#seats.add(seat);
    return {
      get bytes() {
        return seat.bytes;
      },
      loaded(measuredBytes) {
        seat.state = 'loaded';
        if (measuredBytes !== undefined) seat.bytes = measuredBytes;
      },
      measured(measuredBytes) {
        seat.bytes = measuredBytes;
      },
      [Symbol.dispose]: () => void this.#seats.delete(seat),
    };
  }

  /** Idle seats that together make room, least recently used first; throws when they do not. */
  #victims(resident: Resident, bytes: number, stayed: ReadonlySet<Seat>): Seat[] {
    const { budgetBytes } = this;
    const { isPinned = () => false } = this.options;
    const seats = [...this.#seats];
    const pinned = seats.filter((seat) => isPinned(seat.resident));
    const pinnedBytes = sumOf(pinned);
    if (pinnedBytes + bytes > budgetBytes) {
      throw new DomainError(
        'model_not_available',
        `${resident.name} needs ${bytes} bytes of memory; the budget is ${budgetBytes}` +
          (pinnedBytes > 0 ? `, of which pinned models hold ${pinnedBytes}` : ''),
        { details: { neededBytes: bytes, budgetBytes, pinnedBytes } },
      );
    }
    const idle = seats
      .filter((seat) => seat.state === 'loaded' && seat.resident.busy === 0)
      .filter((seat) => !pinned.includes(seat) && !stayed.has(seat))
      .sort((one, other) => one.resident.lastUsedAt - other.resident.lastUsedAt);
    if (this.usedBytes - sumOf(idle) + bytes > budgetBytes) {
      throw new DomainError(
        'overloaded',
        `${resident.name} needs ${bytes} bytes of memory, which busy models hold`,
        {
          retryAfterMs: this.options.retryAfterMs ?? RETRY_AFTER_MS,
          details: { neededBytes: bytes, budgetBytes, usedBytes: this.usedBytes },
        },
      );
    }
    return idle;
  }

  /** False when it stays: it has become busy, or does not close. */
  async #evict(seat: Seat): Promise<boolean> {
    const { bytes, resident } = seat;
    seat.state = 'evicting';
    const gone = await resident.evict('evicted to make room').catch(() => false);
    if (!gone) {
      seat.state = 'loaded';
      return false;
    }
    this.#seats.delete(seat);
    this.options.onEvict?.(resident, bytes);
    return true;
  }
}

function sumOf(seats: readonly Seat[]): number {
  return seats.reduce((sum, { bytes }) => sum + bytes, 0);
}
