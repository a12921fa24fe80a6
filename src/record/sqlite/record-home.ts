import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type FolderIdentity, type Home, judgeHome } from "../../core/home.ts";
import { formatTime } from "../../core/port/clock.ts";
import type { Connection } from "./connection.ts";

const INSERT = `
  INSERT INTO homes (path, device, inode, cause, after_seq, time, settled_time)
  VALUES (?, ?, ?, ?, (SELECT coalesce(max(seq), 0) FROM events), ?, ?)`;
const REPLACE = "UPDATE homes SET device = ?, inode = ? WHERE id = (SELECT max(id) FROM homes)";
/** A folder that goes to and fro, as between a machine and a container, is remembered once for each path. */
const FORGET = "DELETE FROM homes WHERE cause = 'renamed' AND path = ? AND after_seq >= ?";

/** Oldest first. */
export function readHomes({ prepare }: Connection): Home[] {
  const sql = "SELECT path, device, inode, cause, after_seq, time, settled_time FROM homes ORDER BY id";
  return prepare(sql).all() as unknown as Home[];
}

/** Writes down where the registry's folder is, if that is not on record. Called when the registry is opened for writing. */
export function recordHome(connection: Connection): void {
  const now = identifyFolder(dirname(connection.path));
  if (now === null) return;
  const change = () => judgeHome(readHomes(connection).at(-1), now, identifyFolder);
  if (change() === "none") return;
  // Another process may have been faster.
  connection.write(() => applyHome(connection, change(), now));
}

function applyHome(connection: Connection, change: ReturnType<typeof judgeHome>, now: FolderIdentity): void {
  const { prepare } = connection;
  const { path, device, inode } = now;
  const time = formatTime(Date.now());
  const last = readHomes(connection).at(-1);
  switch (change) {
    case "none":
      return;
    case "replaced":
      prepare(REPLACE).run(device, inode);
      return;
    case "renamed":
      prepare(FORGET).run(path, startOfLine(readHomes(connection)));
      prepare(INSERT).run(path, device, inode, change, time, last?.settled_time ?? null);
      return;
    case "made":
    case "copied":
      prepare(INSERT).run(path, device, inode, change, time, change === "made" ? time : null);
      return;
    default:
      change satisfies never;
  }
}

function startOfLine(homes: readonly Home[]): number {
  return homes.findLast(({ cause }) => cause !== "renamed")?.after_seq ?? 0;
}

/** A copy is a state folder of its own from now on. */
export function settleHome(connection: Connection, time: string): void {
  connection.prepare("UPDATE homes SET settled_time = ? WHERE settled_time IS NULL").run(time);
}

/** Null if there is no such folder. */
export function identifyFolder(path: string): FolderIdentity | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return { path: realpathSync(path), device: String(dev), inode: String(ino) };
  } catch {
    return null;
  }
}
