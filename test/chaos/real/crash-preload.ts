/**
 * Loaded into the orchestrator before its program: ends or signals the process at one operation on files or the registry, or
 * notes every one. `CHAOS_POINT=12:before:SIGKILL` strikes before the 12th; `CHAOS_LOG=FILE` writes their names there.
 * The program knows nothing of it, and outside these tests there is nothing to know.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";
import { DatabaseSync } from "node:sqlite";

const [number = "0", when = "", signal = "SIGKILL"] = (process.env.CHAOS_POINT ?? "").split(":");
const state = process.env.CHAOS_STATE ?? "";
const log = process.env.CHAOS_LOG;
const nth = Number(number);
const written = fs.writeSync;
const descriptor = log === undefined ? null : fs.openSync(log, "a");
let count = 0;

/** Runs one operation between the two moments at which it can be cut off. */
function pass<T>(name: string, work: () => T): T {
  count += 1;
  if (descriptor !== null) written(descriptor, `${name}\n`);
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

for (const name of CHANGING) {
  const original = fs[name] as (...args: unknown[]) => unknown;
  const patched = (...args: unknown[]): unknown => {
    const path = typeof args[0] === "string" ? args[0] : "";
    const isOurs = name === "fsyncSync" || path.startsWith(state);
    return isOurs ? pass(`${name} ${describe(path)}`, () => original(...args)) : original(...args);
  };
  Object.assign(fs, { [name]: patched });
}
syncBuiltinESMExports();

const execute = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function exec(this: DatabaseSync, sql: string): void {
  const isPoint = sql === "COMMIT" || sql.startsWith("BEGIN IMMEDIATE");
  if (isPoint) pass(sql, () => execute.call(this, sql));
  else execute.call(this, sql);
};

/** The kind of file, without what differs from run to run. */
function describe(path: string): string {
  return basename(path).replaceAll(/\d{4}-\d\d-\d\dT[\d.]+Z-[0-9a-f]+|[0-9a-f-]{36}|\d+/g, "*");
}
