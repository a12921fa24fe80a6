/**
 * Loaded into the orchestrator before its program, to do something to it at one operation on files or the registry, or to note
 * every one. The program knows nothing of it, and outside these tests there is nothing to know.
 *
 * `CHAOS_ROOT` is the folder below which files count. `CHAOS_POINT` is a `Strike` as JSON; `CHAOS_LOG=FILE` notes every point there.
 * `CHAOS_CLOCK=12:-3600000` sets the clock back by an hour at the 12th point. `CHAOS_BOOT=ID` has the machine booted anew.
 * `CHAOS_SQLITE=12:13` has the 12th call of SQLite fail with result code 13, `CHAOS_SQLITE_LOG=FILE` counts them.
 * `CHAOS_COMMITS=3:FILE` ends the process at the end of the third commit, before it returns, with the sizes of SQLite's log in `CHAOS_STATE`
 * after each in the file. `CHAOS_SIGNAL=whole.js:SIGINT` sends the process a signal as it begins to read a module of that name.
 */
import fs from "node:fs";
import { registerHooks, syncBuiltinESMExports } from "node:module";
import { interceptFiles } from "./intercept-files.ts";
import { interceptSqlite } from "./intercept-sqlite.ts";
import { countPoints } from "./points.ts";

const { CHAOS_BOOT, CHAOS_CLOCK = "", CHAOS_ROOT = "", CHAOS_SIGNAL } = process.env;
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

function setClock(jumpAt: number, jumpMs: number): void {
  const RealDate = Date;
  const now = () => RealDate.now() + (countPoints() >= jumpAt ? jumpMs : 0);
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [number | string]) {
      super(...((given.length === 0 ? [now()] : given) as [number]));
    }

    static override now(): number {
      return now();
    }
  } as DateConstructor;
}

function setBootId(id: string): void {
  const original = fs.readFileSync;
  const replacement = (path: unknown, ...rest: unknown[]): unknown =>
    path === BOOT_ID ? `${id}\n` : Reflect.apply(original, fs, [path, ...rest]);
  Reflect.set(fs, "readFileSync", replacement);
  syncBuiltinESMExports();
}

function signalAtModule(name: string, signal: string): void {
  registerHooks({
    load(url, context, next) {
      if (url.endsWith(`/${name}`)) process.kill(process.pid, signal);
      return next(url, context);
    },
  });
}

const [jumpAt = 0, jumpMs = 0] = CHAOS_CLOCK.split(":").map(Number);
if (jumpMs !== 0) setClock(jumpAt, jumpMs);
if (CHAOS_BOOT !== undefined) setBootId(CHAOS_BOOT);
if (CHAOS_SIGNAL !== undefined) signalAtModule(...(CHAOS_SIGNAL.split(":") as [string, string]));
interceptSqlite();
if (CHAOS_ROOT !== "") await interceptFiles(CHAOS_ROOT);
