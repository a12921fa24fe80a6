/**
 * Loaded into the orchestrator before its program, to do something to it at one operation on files or the registry, or to note
 * every one. The program knows nothing of it, and outside these tests there is nothing to know.
 *
 * `CHAOS_POINT=12:before:SIGKILL` strikes before the 12th, `CHAOS_CLOCK=12:-3600000` sets the clock back by an hour there;
 * `CHAOS_LOG=FILE` writes their names there. `CHAOS_SQLITE=12:13` has the 12th call of SQLite fail with result code 13, and
 * `CHAOS_SQLITE_LOG=FILE` counts them. `CHAOS_COMMITS=3:FILE` ends the process at the end of the third commit, before it
 * returns, with the sizes of SQLite's log after each in the file.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { DatabaseSync, StatementSync } from "node:sqlite";

const { CHAOS_COMMITS = "", CHAOS_POINT = "", CHAOS_CLOCK = "", CHAOS_SQLITE = "", CHAOS_STATE = "" } = process.env;
const [number = "0", when = "", signal = "SIGKILL"] = CHAOS_POINT.split(":");
const [jumpAt = 0, jumpMs = 0] = CHAOS_CLOCK.split(":").map(Number);
const [failAt = 0, resultCode = 0] = CHAOS_SQLITE.split(":").map(Number);
const lastCommit = Number(CHAOS_COMMITS.split(":")[0]);
const sizesFile = CHAOS_COMMITS.slice(CHAOS_COMMITS.indexOf(":") + 1);
const written = fs.writeSync;
const log = openLog(process.env.CHAOS_LOG);
const sqliteLog = openLog(process.env.CHAOS_SQLITE_LOG);
const nth = Number(number);
let count = 0;

function openLog(path: string | undefined): number | null {
  return path === undefined ? null : fs.openSync(path, "a");
}

/** Runs one operation between the two moments at which it can be cut off. */
function pass<T>(name: string, work: () => T): T {
  count += 1;
  if (log !== null) written(log, `${name}\n`);
  const isMine = count === nth;
  if (isMine && when === "before") strike();
  const result = work();
  if (isMine && when === "after") strike();
  return result;
}

function strike(): void {
  process.kill(process.pid, signal);
}

/** Those that change something below the state folder, by the name of what they change. */
const CHANGING = ["mkdirSync", "writeFileSync", "linkSync", "renameSync", "rmSync", "fsyncSync"] as const;
const CHANGING_LATER = ["rename", "rm", "mkdir", "link", "copyFile"] as const;

for (const name of CHANGING) replace(fs, name);
for (const name of CHANGING_LATER) replace(fs.promises, name);
syncBuiltinESMExports();

function replace(owner: object, name: string): void {
  const original = Reflect.get(owner, name) as (...args: unknown[]) => unknown;
  const replacement = (...args: unknown[]): unknown => {
    const path = typeof args[0] === "string" ? args[0] : "";
    const isOurs = name === "fsyncSync" || (CHAOS_STATE !== "" && path.startsWith(CHAOS_STATE));
    return isOurs ? pass(`${name} ${describe(path)}`, () => original(...args)) : original(...args);
  };
  Reflect.set(owner, name, replacement);
}

/** The kind of file, without what differs from run to run. */
function describe(path: string): string {
  return basename(path).replaceAll(/\d{4}-\d\d-\d\dT[\d.]+Z-[0-9a-f]+|[0-9a-f-]{36}|\d+/g, "*");
}

const execute = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function exec(this: DatabaseSync, sql: string): void {
  callSqlite();
  const isPoint = sql === "COMMIT" || sql.startsWith("BEGIN IMMEDIATE");
  if (isPoint) pass(sql, () => execute.call(this, sql));
  else execute.call(this, sql);
  if (sql === "COMMIT" && lastCommit > 0) noteCommit();
};

let commits = 0;

function noteCommit(): void {
  commits += 1;
  const size = fs.statSync(`${CHAOS_STATE}/registry.sqlite-wal`, { throwIfNoEntry: false })?.size ?? 0;
  fs.appendFileSync(sizesFile, `${size}\n`);
  if (commits === lastCommit) process.kill(process.pid, "SIGKILL");
}

let calls = 0;

/** Fails as node:sqlite does. */
function callSqlite(): void {
  calls += 1;
  if (sqliteLog !== null) written(sqliteLog, ".");
  if (calls !== failAt) return;
  const errcode = resultCode;
  throw Object.assign(new Error("as the harness says"), { code: "ERR_SQLITE_ERROR", errcode, errstr: "harness" });
}

for (const name of ["run", "get", "all", "iterate"] as const) {
  const original = StatementSync.prototype[name] as (this: StatementSync, ...args: unknown[]) => unknown;
  const replacement = function call(this: StatementSync, ...args: unknown[]): unknown {
    callSqlite();
    return original.apply(this, args);
  };
  Reflect.set(StatementSync.prototype, name, replacement);
}

if (jumpMs !== 0) {
  const RealDate = Date;
  const now = () => RealDate.now() + (count >= jumpAt ? jumpMs : 0);
  globalThis.Date = class extends RealDate {
    constructor(...given: [] | [number | string]) {
      super(...((given.length === 0 ? [now()] : given) as [number]));
    }

    static override now(): number {
      return now();
    }
  } as DateConstructor;
}
