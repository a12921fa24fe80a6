import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isConflict, type SharedPlace } from "../core/place.ts";
import { readClaim } from "./claim.ts";
import { checkProcess, identifyProcess, type ProcessIdentity, parseIdentity } from "./identity.ts";
import { lockPaths } from "./path-lock.ts";

const POLL_MS = 50;
const NUMBER_DIGITS = 12;
const TICKET = /^\d{12}-.+\.json$/;
/** One at a time takes a number. */
const COUNTER = "places";

/** Wakes those within this process who wait for another one's places. */
const waiting = new Set<() => void>();

export interface PlaceRequest {
  /** Where the lock files of all processes that share the places are kept. */
  folder: string;
  /** Symlinks resolved. */
  places: readonly SharedPlace[];
  /** The folder of the attempt that they are for, which has them for as long as its process lives, though the one that took them be gone. */
  attempt: string;
  /** For those who have to wait for it. */
  session_id: string;
  run: string;
  /** Gives up waiting. */
  signal: AbortSignal;
  /** Told once of each whom it has to wait for. */
  onWait?(holder: PlaceHolder): void;
}

/** Who has a place that another one wants. */
export interface PlaceHolder {
  session_id: string;
  run: string;
  place: SharedPlace;
}

interface Ticket {
  owner: ProcessIdentity;
  attempt: string;
  session_id: string;
  run: string;
  places: SharedPlace[];
}

/**
 * Waits until nobody, in this process or another, has a place that conflicts: equal or nested, with one of the two writing.
 * Returns what gives the places back. They are asked for all at once and in one order for everybody, so that nobody waits in a
 * circle or for ever. What a process that died has had is void. Throws the signal's reason if it fires first.
 */
export async function lockPlaces(request: PlaceRequest): Promise<() => void> {
  if (request.places.length === 0) return () => {};
  const folder = join(request.folder, COUNTER);
  const mine = await takeNumber(folder, request);
  const release = () => {
    rmSync(join(folder, mine), { force: true });
    for (const wake of [...waiting]) wake();
  };
  try {
    await awaitTurn(folder, mine, request);
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

/** Who asks later gets a higher number, for as long as anybody has one. */
async function takeNumber(folder: string, { folder: locks, signal, ...request }: PlaceRequest): Promise<string> {
  const { attempt, session_id, run, places } = request;
  const unlock = await lockPaths({ folder: locks, paths: [COUNTER], signal });
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const names = listTickets(folder).filter((name) => !isVoid(join(folder, name), attempt));
    const number = Number.parseInt(names.at(-1) ?? "0", 10) + 1;
    const name = `${String(number).padStart(NUMBER_DIGITS, "0")}-${basename(attempt)}.json`;
    const ticket: Ticket = { owner: identifyProcess(process.pid), attempt, session_id, run, places: [...places] };
    // Nobody looks at it before the next number is taken.
    writeFileSync(join(folder, name), `${JSON.stringify(ticket)}\n`, { mode: 0o600, flag: "wx" });
    return name;
  } finally {
    unlock();
  }
}

async function awaitTurn(folder: string, mine: string, { places, signal, onWait }: PlaceRequest): Promise<void> {
  const told = new Set<string>();
  while (true) {
    signal.throwIfAborted();
    const before = findBefore(folder, mine, places);
    if (before === null) return;
    if (!told.has(before.name)) onWait?.(before.holder);
    told.add(before.name);
    await awaitRelease(signal);
  }
}

/** Whoever has a lower number and a place that conflicts, by way of the one that has to end first. */
function findBefore(
  folder: string,
  mine: string,
  places: readonly SharedPlace[],
): { name: string; holder: PlaceHolder } | null {
  for (const name of listTickets(folder)) {
    if (name >= mine) return null;
    const ticket = readTicket(join(folder, name));
    const place = ticket?.places.find((held) => places.some((wanted) => isConflict(held, wanted)));
    if (ticket === null || place === undefined) continue;
    if (!isGone(ticket)) return { name, holder: { session_id: ticket.session_id, run: ticket.run, place } };
  }
  return null;
}

async function awaitRelease(signal: AbortSignal): Promise<void> {
  const woken = Promise.withResolvers<void>();
  waiting.add(woken.resolve);
  const patience = new AbortController();
  const either = AbortSignal.any([signal, patience.signal]);
  try {
    await Promise.race([woken.promise, delay(POLL_MS, undefined, { signal: either })]);
  } finally {
    waiting.delete(woken.resolve);
    patience.abort();
  }
}

/** Removes a ticket that nobody holds any more, or whose attempt asks anew: whoever goes on with it has it already. */
function isVoid(path: string, attempt: string): boolean {
  const ticket = readTicket(path);
  if (ticket !== null && ticket.attempt !== attempt && !isGone(ticket)) return false;
  rmSync(path, { force: true });
  return true;
}

function isGone({ owner, attempt }: Ticket): boolean {
  if (checkProcess(owner) !== "gone") return false;
  const worker = readClaim(attempt)?.owner ?? null;
  return worker === null || checkProcess(worker) === "gone";
}

/** By number. */
function listTickets(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => TICKET.test(name))
    .sort();
}

/** Null for one that is gone, or that nobody can have written. */
function readTicket(path: string): Ticket | null {
  try {
    const value = JSON.parse(readFileSync(path, "utf8"));
    const owner = parseIdentity(value.owner);
    const isWhole = [value.attempt, value.session_id, value.run].every((each) => typeof each === "string");
    return owner !== null && isWhole && Array.isArray(value.places) ? { ...value, owner } : null;
  } catch {
    return null;
  }
}
