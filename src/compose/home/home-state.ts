import { RegistryError } from "../../core/error/registry-error.ts";
import { type Home, isSameFolder, judgeHome, listMoves, projectOf } from "../../core/home.ts";
import type { ChainScope, RegistryReader } from "../../core/port/registry.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { SessionId } from "../../core/run-id.ts";
import { identifyFolder } from "../../record/sqlite/record-home.ts";

/** A state folder as it stands to what its registry has on record. */
export interface HomeState {
  /** Path of the folder that this one is a copy of. Null if it is no copy, or was settled as a folder of its own. */
  movedFrom: string | null;
  /** Events up to this number were logged elsewhere, and speak of places there. */
  afterSeq: number;
  /** Folders at former paths of this one, which are other folders now. Data below them do not belong to it. */
  strangers: string[];
}

export interface HomeContext {
  registry: RegistryReader;
  folders: Pick<StateFolders, "root">;
}

export function readHomeState({ registry, folders }: HomeContext): HomeState {
  const homes = registry.homes();
  const last = homes.at(-1);
  const now = identifyFolder(folders.root);
  if (last === undefined || now === null) return { movedFrom: null, afterSeq: 0, strangers: [] };
  // A command that only reads may be the first that sees the copy.
  if (judgeHome(last, now, identifyFolder) === "copied")
    return { movedFrom: last.path, afterSeq: Number.POSITIVE_INFINITY, strangers: [] };
  const start = homes.findLastIndex(({ cause }) => cause !== "renamed");
  const formers = homes.slice(start).map(({ path }) => path);
  const strangers = listMoves(formers, now.path).flatMap((moves) => {
    const [{ from }] = moves;
    const there = from === now.path ? null : identifyFolder(from);
    return there === null || isSameFolder(there, now) ? [] : moves.slice(-1);
  });
  return {
    movedFrom: last.settled_time === null ? (homes[start - 1]?.path ?? null) : null,
    afterSeq: start <= 0 ? 0 : (homes[start]?.after_seq ?? 0),
    strangers: strangers.map(({ from }) => from),
  };
}

/** True if a session, or an attempt, began in this state folder, and not in the one that this is a copy of. */
export function isFromHere(registry: RegistryReader, { afterSeq }: HomeState, scope: ChainScope): boolean {
  if (afterSeq === 0) return true;
  return findBeginning(registry, scope) > afterSeq;
}

/** The number in the log of the event that a session, or an attempt, began with; 0 if there is none. */
function findBeginning(registry: RegistryReader, scope: ChainScope): number {
  return Iterator.from(registry.links(scope)).next().value?.seq ?? 0;
}

/** Says in one sentence that a state folder was copied, and where it was made. */
export function describeMoved(movedFrom: string, { root }: Pick<StateFolders, "root">): string {
  return `this state folder was made at ${movedFrom} and is at ${root} now; what its runs saved before lies at ${movedFrom}`;
}

export const SETTLE_HINT =
  "`runweave doctor --settle` makes it a state folder of its own, and never touches what lies at the old place";

/** Refuses what could change or delete what runs at the old place own. Throws RegistryError. */
export function refuseMoved(context: HomeContext, what: string): void {
  const { movedFrom } = readHomeState(context);
  if (movedFrom === null) return;
  const message = `${what} is refused here: this state folder was made at ${movedFrom}, and what it has on record may lie there`;
  throw new RegistryError("registry-moved", message, SETTLE_HINT);
}

/** Refuses to go on with a session that began at another place: its plan speaks of places there. Throws RegistryError. */
export function refuseFormer(context: HomeContext, session: SessionId): void {
  const former = formatFormer(context, session);
  if (former !== null) throw new RegistryError("registry-moved", former.message, former.hint);
}

/** Says why a session that began at another place can't go on here. Null for a session of this state folder. */
export function formatFormer(context: HomeContext, session: SessionId): { message: string; hint: string } | null {
  const { registry, folders } = context;
  const state = readHomeState(context);
  if (isFromHere(registry, state, { session })) return null;
  const path = state.movedFrom ?? findPlace(registry, session);
  const message = `session ${session} began in the state folder at ${path}, of which the one at ${folders.root} is a copy`;
  const hint =
    "continue it there, or run the workflow file again here; what it saved can be consumed here all the same";
  return { message, hint };
}

/** Refuses what executes the plan of a session from before the folder was renamed: it names places there. Throws RegistryError. */
export function refuseRenamed({ registry }: HomeContext, session: SessionId): void {
  const state = findPlace(registry, session);
  // The project, if it was moved with the state folder.
  const former = [projectOf(state), state].find((path) => registry.placeNow(path, session) !== path);
  if (former === undefined) return;
  const now = registry.placeNow(former, session);
  const message = `session ${session} began at ${former}, before that was renamed to ${now}, and its plan names places there`;
  const hint = `run the workflow file again, which reuses what it saved; or make a link for it: \`ln -s ${now} ${former}\``;
  throw new RegistryError("registry-moved", message, hint);
}

function findPlace(registry: RegistryReader, session: SessionId): string {
  const seq = findBeginning(registry, { session });
  const homes: readonly Home[] = registry.homes();
  return (homes.findLast(({ after_seq }) => after_seq < seq) ?? homes[0])?.path ?? "another place";
}
