import type { Hold, HoldQueue, HoldRequest } from "../core/hold.ts";
import type { SessionOwner } from "../core/ownership.ts";
import { isConflict } from "../core/place.ts";
import { TERMINAL_STATUSES } from "../core/run.ts";
import type { HoldRow } from "./hold-rows.ts";
import type { TableStore } from "./table-store.ts";

type Store = Pick<TableStore, "holds" | "writeAtomically" | "readConsistently" | "findAttemptRow" | "findSessionRow">;

/** The queue for places over tables, apart from where these are kept. */
export function createHoldQueue(store: Store): HoldQueue {
  // A hold is worthless after a loss of power: no process that had it is left.
  const write = (work: () => void) => store.writeAtomically(work, "passing");
  return {
    ask: (request, lapsed) => {
      let before: Hold[] = [];
      write(() => {
        for (const seq of lapsed) store.holds.remove(seq);
        before = queue(store, request);
      });
      return before;
    },
    before: (holder) =>
      store.readConsistently(() => {
        const all = store.holds.all();
        const mine = all.find((row) => row.holder === holder);
        return mine === undefined ? [] : listBefore(all, mine).map((row) => judge(store, row));
      }),
    release: (holder, owner) =>
      write(() => {
        const mine = store.holds.all().find((row) => row.holder === holder && isSame(row.owner, owner));
        if (mine !== undefined) store.holds.remove(mine.seq);
      }),
    list: () => store.readConsistently(() => store.holds.all().map((row) => judge(store, row))),
  };
}

function queue(store: Store, { time, ...request }: HoldRequest): Hold[] {
  const { holder, owner, epoch, places } = request;
  if (!store.holds.all().some((row) => row.holder === holder)) {
    store.holds.add({ ...request, asked_time: time, held_time: null });
  }
  const all = store.holds.all();
  const mine = all.find((row) => row.holder === holder);
  if (mine === undefined) throw new Error(`the queue for places has lost ${holder}`);
  const before = listBefore(all, { ...mine, places });
  const held_time = before.length === 0 ? (mine.held_time ?? time) : mine.held_time;
  store.holds.change(mine.seq, { owner, epoch, places, held_time });
  return before.map((row) => judge(store, row));
}

function listBefore(all: readonly HoldRow[], { seq, places }: HoldRow): HoldRow[] {
  return all.filter(
    (row) => row.seq < seq && places.some((wanted) => row.places.some((held) => isConflict(held, wanted))),
  );
}

function judge(store: Store, row: HoldRow): Hold {
  const attempt = row.run_id === null ? undefined : store.findAttemptRow(row.run_id);
  const session = row.session_id === null ? undefined : store.findSessionRow(row.session_id);
  const isOver = attempt !== undefined && TERMINAL_STATUSES.has(attempt.status);
  const isTaken = row.epoch !== null && session !== undefined && session.owner_epoch > row.epoch;
  return { ...row, is_ended: isOver || isTaken };
}

function isSame(one: SessionOwner, other: SessionOwner): boolean {
  return one.pid === other.pid && one.start_time === other.start_time && one.host === other.host;
}
