/** Counts the points of the process that it is loaded into, and strikes at one of them. */
import fs from "node:fs";
import { formatPoint, type Strike } from "./point.ts";

const written = fs.writeSync;
const log = process.env.CHAOS_LOG === undefined ? null : fs.openSync(process.env.CHAOS_LOG, "a");
const wanted = JSON.parse(process.env.CHAOS_POINT ?? "null") as Strike | null;
const counts = new Map<string, number>();
let total = 0;
let isWithin = false;
let isInTransaction = false;

/** Told at its beginning and its end. */
export function noteTransaction(isOpen: boolean): void {
  isInTransaction = isOpen;
}

/** Points so far. */
export function countPoints(): number {
  return total;
}

export interface Operation<T> {
  name: string;
  work(): T;
  /** Does half of it, calls `strike`, does the rest. */
  half?: ((strike: () => void) => T) | null;
}

/** Runs one operation between the moments at which it can be struck. What it calls within is no point of its own. */
export function pass<T>({ name, work, half = null }: Operation<T>): T {
  if (isWithin) return work();
  total += 1;
  const nth = (counts.get(name) ?? 0) + 1;
  counts.set(name, nth);
  if (log !== null) written(log, formatPoint({ name, hasInside: half !== null, isInTransaction }));
  const mine = wanted !== null && wanted.name === name && wanted.nth === nth ? wanted : null;
  if (mine?.when === "instead") throw fail(mine, name);
  if (mine?.when === "before") strike(mine);
  const result = alone(mine?.when === "inside" && half !== null ? () => half(() => strike(mine)) : work);
  return mine?.when === "after" ? follow(result, () => strike(mine)) : result;
}

function alone<T>(work: () => T): T {
  isWithin = true;
  try {
    return work();
  } finally {
    isWithin = false;
  }
}

/** Once it is done: a promise is not yet. */
function follow<T>(result: T, then: () => void): T {
  if (result instanceof Promise) {
    return result.then((value) => {
      then();
      return value;
    }) as T;
  }
  then();
  return result;
}

function strike({ what }: Strike): void {
  process.kill(process.pid, what);
}

function fail({ what }: Strike, name: string): Error {
  const errno = { EACCES: -13, EIO: -5, ENOSPC: -28, EMFILE: -24 }[what] ?? -1;
  return Object.assign(new Error(`${what}: as the harness says, ${name}`), { code: what, errno, syscall: name });
}
