import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { RunEvent } from "../../core/event/event.ts";
import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import { isRunId, type SessionId } from "../../core/run-id.ts";
import { sweepTemporaries, writeFileWhole } from "../../versions/write-file.ts";
import type { StateLocation } from "../locate-state.ts";

/** Size in bytes above that of the file. */
const MAX_BYTES = 64 * 1024;
const MAX_LOST = 100;

/** Note about the registry's sessions, kept beside it: it shows if an older registry was put in its place. */
interface Noted {
  /** The session that was started last. */
  newest: SessionId | null;
  /** Sessions that were noted as the newest, and that the registry did not know when the next one started. */
  lost: SessionId[];
}

type Located = Pick<StateLocation, "root" | "registry">;

function notePath({ root, registry }: Located): string {
  return join(root, `newest-session.${basename(registry)}.json`);
}

/** Sessions that have run here and that the registry does not know: it is older than its data, or another one. */
export function listLostSessions(reader: RegistryReader, state: Located): SessionId[] {
  const { newest, lost } = readNote(state);
  const noted = newest === null ? lost : [...lost, newest];
  return [...new Set(noted)].filter((sessionId) => reader.findSessionHead(sessionId) === null);
}

/** A registry that notes each session which is started. */
export function notingSessions(registry: Registry, state: Located): Registry {
  const note = (events: readonly RunEvent[]) => {
    for (const event of events) if (event.type === "session.started") noteSession(registry, state, event.session_id);
  };
  return {
    ...registry,
    append: (events, epoch) => {
      registry.append(events, epoch);
      note(events);
    },
    decide: (judge, owned) => {
      let events: readonly RunEvent[] = [];
      registry.decide(() => {
        events = judge();
        return events;
      }, owned);
      note(events);
    },
  };
}

function noteSession(registry: Registry, state: Located, newest: SessionId): void {
  try {
    const lost = listLostSessions(registry, state).slice(-MAX_LOST);
    sweepTemporaries(state.root);
    writeFileWhole(notePath(state), JSON.stringify({ newest, lost } satisfies Noted));
  } catch {
    // The note only helps to tell later; a session does not end for it.
  }
}

/** Accepts the registry as it is: sessions that it has lost are not reported any more. Returns their number. */
export function forgetLostSessions(registry: RegistryReader, state: Located): number {
  const lost = listLostSessions(registry, state);
  if (lost.length === 0) return 0;
  const newest = registry.listSessions({ limit: 1 })[0]?.session_id ?? null;
  writeFileWhole(notePath(state), JSON.stringify({ newest, lost: [] } satisfies Noted));
  return lost.length;
}

/** Reads the note. A file that was cut off by a loss of power, or is forged, counts as an empty note. */
function readNote(state: Located): Noted {
  try {
    const { newest, lost } = JSON.parse(readSmall(notePath(state))) as { newest?: unknown; lost?: unknown };
    return { newest: isId(newest) ? newest : null, lost: Array.isArray(lost) ? lost.filter(isId) : [] };
  } catch {
    return { newest: null, lost: [] };
  }
}

function isId(value: unknown): value is SessionId {
  return typeof value === "string" && isRunId(value);
}

function readSmall(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(fd);
    return found.isFile() && found.size <= MAX_BYTES ? readFileSync(fd, "utf8") : "";
  } finally {
    closeSync(fd);
  }
}
