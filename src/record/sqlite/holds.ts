import type { HoldAct } from "../../core/hold.ts";
import type { SharedPlace } from "../../core/place.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import type { HoldRow, HoldRows } from "../hold-rows.ts";
import type { Connection } from "./connection.ts";

type StoredHold = {
  seq: number;
  holder: string;
  act: HoldAct;
  /** JSON. */
  places: string;
  session_id: SessionId | null;
  run: string | null;
  run_id: RunId | null;
  epoch: number | null;
  owner_pid: number;
  owner_start_time: number | null;
  owner_boot_id: string | null;
  owner_host: string;
  asked_time: string;
  held_time: string | null;
};

const ADD = `
  INSERT OR REPLACE INTO holds (holder, act, places, session_id, run, run_id, epoch, owner_pid, owner_start_time, owner_boot_id,
    owner_host, asked_time, held_time)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const CHANGE = `
  UPDATE holds SET owner_pid = ?, owner_start_time = ?, owner_boot_id = ?, owner_host = ?, epoch = ?, places = ?, held_time = ?
  WHERE seq = ?`;

/** The holds in a SQLite file. A row that can't be read is no hold. */
export function createSqliteHolds({ prepare }: Connection): HoldRows {
  return {
    all: () => (prepare("SELECT * FROM holds ORDER BY seq").all() as StoredHold[]).flatMap(toHoldRow),
    add: ({ owner, places, ...row }) => {
      const { holder, act, session_id, run, run_id, epoch, asked_time, held_time } = row;
      const told = [holder, act, JSON.stringify(places), session_id, run, run_id, epoch] as const;
      prepare(ADD).run(...told, owner.pid, owner.start_time, owner.boot_id, owner.host, asked_time, held_time);
    },
    change: (seq, { owner, epoch, places, held_time }) => {
      const { pid, start_time, boot_id, host } = owner;
      prepare(CHANGE).run(pid, start_time, boot_id, host, epoch, JSON.stringify(places), held_time, seq);
    },
    remove: (seq) => {
      prepare("DELETE FROM holds WHERE seq = ?").run(seq);
    },
  };
}

function toHoldRow({ owner_pid, owner_start_time, owner_boot_id, owner_host, ...row }: StoredHold): HoldRow[] {
  const places = parsePlaces(row.places);
  if (places === null) return [];
  const owner = { pid: owner_pid, start_time: owner_start_time, boot_id: owner_boot_id, host: owner_host };
  return [{ ...row, places, owner }];
}

function parsePlaces(text: string): SharedPlace[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isPlace) ? value : null;
  } catch {
    return null;
  }
}

function isPlace(value: unknown): value is SharedPlace {
  const { path, suffix, access } = (value ?? {}) as Record<string, unknown>;
  return typeof path === "string" && (suffix === null || typeof suffix === "string") && typeof access === "string";
}
