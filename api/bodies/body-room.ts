/** Who sends a body: strangers log in or bring webhooks, everybody else has shown a valid token. */
export type Sender = 'login' | 'webhook' | 'subject';

/** Why a body is not read any further. */
export type BodyRefusal = 'crowded' | 'full' | 'slow';

/** What one body takes while its request lasts. */
export type BodySlot = {
  /** Takes room for more of it; throws by `refuse` when there is none. */
  take(bytes: number): void;
  /** It has come as a whole: it is slow no more. */
  arrived(): void;
  /** The request is over. */
  leave(): void;
};

type Guest = {
  readonly sender: Sender;
  readonly address: string;
  readonly refuse: (why: BodyRefusal) => void;
  bytes: number;
  isComing: boolean;
};

/** How much room there is. */
export type RoomSize = {
  /** Bytes of all bodies at once, and how many of them may be strangers'. */
  readonly bytes: number;
  readonly strangersBytes: number;
  /** Bodies of a sender that are on their way at once, in all and from one address. */
  readonly coming: Readonly<Record<Sender, { readonly all: number; readonly address: number }>>;
};

export const roomSize: RoomSize = {
  bytes: 192 * 1024 * 1024,
  strangersBytes: 64 * 1024 * 1024,
  coming: {
    login: { all: 32, address: 8 },
    webhook: { all: 32, address: 8 },
    subject: { all: 256, address: 256 },
  },
};

/** The room that the bodies of all requests of a process share. */
export type BodyRoom = {
  /** Lets a body in. Where too many are on their way the one that has been for longest has to go, not the newest. */
  enter(sender: Sender, address: string, refuse: (why: BodyRefusal) => void): BodySlot;
  /** Bytes that are held now. */
  held(): number;
};

/**
 * Room for bodies. A body that comes slowly can't keep others out: when too many are on their way, the oldest of its
 * address, or else the oldest of all, is refused in favour of the newest, which as a rule is here at once.
 */
export function createBodyRoom(size: RoomSize = roomSize): BodyRoom {
  const guests = new Set<Guest>();
  const coming = (sender: Sender): Guest[] =>
    [...guests].filter((guest) => guest.isComing && guest.sender === sender);
  const held = (ofStrangers: boolean): number =>
    [...guests].reduce(
      (sum, { sender, bytes }) => sum + (ofStrangers && sender === 'subject' ? 0 : bytes),
      0,
    );

  const leave = (guest: Guest): void => void guests.delete(guest);
  const turnAway = (guest: Guest | undefined, why: BodyRefusal): void => {
    if (guest === undefined) return;
    leave(guest);
    guest.refuse(why);
  };

  const take = (guest: Guest, bytes: number): void => {
    if (!guests.has(guest)) return;
    const isStranger = guest.sender !== 'subject';
    const fits = (): boolean =>
      held(false) + bytes <= size.bytes && (!isStranger || held(true) + bytes <= size.strangersBytes);
    // The oldest stranger whose body still comes makes room: it may be one that never ends.
    for (let oldest = oldestStranger(guest); !fits() && oldest; oldest = oldestStranger(guest)) {
      turnAway(oldest, 'full');
    }
    if (fits()) guest.bytes += bytes;
    else turnAway(guest, 'full');
  };
  const oldestStranger = (except: Guest): Guest | undefined =>
    [...guests].find((guest) => guest !== except && guest.isComing && guest.sender !== 'subject');

  return {
    enter(sender, address, refuse) {
      const limit = size.coming[sender];
      const others = coming(sender);
      const ofAddress = others.filter((guest) => guest.address === address);
      if (ofAddress.length >= limit.address) turnAway(ofAddress[0], 'crowded');
      else if (others.length >= limit.all) turnAway(others[0], 'crowded');
      const guest: Guest = { sender, address, refuse, bytes: 0, isComing: true };
      guests.add(guest);
      return {
        take: (bytes) => take(guest, bytes),
        arrived: () => {
          guest.isComing = false;
        },
        leave: () => leave(guest),
      };
    },
    held: () => held(false),
  };
}
