import { costOfText, KeptMap } from '../../src/sdk/index.ts';
import type { Keep } from '../../src/sdk/index.ts';

/** Rooms and occupants remembered a connection. */
const KEPT_ROOMS = 64;
const KEPT_OCCUPANTS = 512;
/** Of a room without its occupants. */
const ROOM_COST = 512;
/** Own lines whose reflection is awaited. */
const KEPT_LINES = 64;

/** A chat room as one connection sees it. */
export class Room {
  /** The nickname of the client of this connection. */
  nick: string | undefined;
  /** The list of members is complete: who comes now joins. */
  entered = false;
  /** By nickname: the real account, empty where the room does not tell it. */
  readonly occupants: KeptMap<string>;

  constructor(keep: Keep) {
    this.occupants = new KeptMap(KEPT_OCCUPANTS, keep, costOfText);
  }
}

/** The chat rooms of one connection. */
export class RoomBook {
  readonly #keep: Keep;
  readonly #rooms: KeptMap<Room>;
  readonly #lines: KeptMap<true>;

  constructor(keep: Keep) {
    this.#keep = keep;
    this.#rooms = new KeptMap<Room>(
      KEPT_ROOMS,
      keep,
      () => ROOM_COST,
      (room) => {
        room.occupants.clear();
      },
    );
    this.#lines = new KeptMap(KEPT_LINES, keep);
  }

  find(id: string): Room | undefined {
    return this.#rooms.get(id);
  }

  open(id: string): Room {
    const known = this.#rooms.get(id);
    if (known) return known;
    const room = new Room(this.#keep);
    this.#rooms.set(id, room);
    return room;
  }

  /** The real account behind a nickname, where the room or the client told it. */
  accountOf(id: string, nick: string, account: string | undefined): string | undefined {
    const room = this.#rooms.get(id);
    if (!room) return undefined;
    if (room.nick === nick && account !== undefined) return account;
    return room.occupants.get(nick) || undefined;
  }

  /** Remembers what the client sent to a room, until the room reflects it. */
  sent(room: string, line: string): void {
    this.#lines.set(`${room} ${line}`, true);
  }

  /** True where the room reflects what the client was seen to send. */
  reflected(room: string, line: string): boolean {
    return this.#lines.delete(`${room} ${line}`);
  }
}
