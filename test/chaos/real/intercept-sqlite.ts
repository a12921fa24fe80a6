/** Makes a point of every transaction of node:sqlite that writes, and lets its calls fail. */
import fs from "node:fs";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { noteTransaction, pass } from "./points.ts";

const { CHAOS_COMMITS = "", CHAOS_SQLITE = "", CHAOS_SQLITE_LOG, CHAOS_STATE = "" } = process.env;
const [failAt = 0, resultCode = 0] = CHAOS_SQLITE.split(":").map(Number);
const lastCommit = Number(CHAOS_COMMITS.split(":")[0]);
const sizesFile = CHAOS_COMMITS.slice(CHAOS_COMMITS.indexOf(":") + 1);
const COMMIT = /\bCOMMIT\b/;
const EVENT_TYPE = /^[a-z]+\.[a-z]+$/;
const WRITING = /^\s*(INSERT|UPDATE|DELETE|REPLACE)\s+(?:OR \w+ )?(?:INTO |FROM )?(\w+)/i;
// As they are before they are replaced.
const { appendFileSync, openSync, statSync, writeSync } = fs;
const execute = DatabaseSync.prototype.exec;
const log = CHAOS_SQLITE_LOG === undefined ? null : openSync(CHAOS_SQLITE_LOG, "a");

/** Types of the events that the transaction under way records; null outside of one that writes. */
let told: Set<string> | null = null;
let commits = 0;
let calls = 0;

export function interceptSqlite(): void {
  DatabaseSync.prototype.exec = function exec(this: DatabaseSync, sql: string): void {
    callSqlite();
    const work = () => execute.call(this, sql);
    if (sql.startsWith("BEGIN IMMEDIATE")) {
      pass({ name: "BEGIN IMMEDIATE", work });
      told = new Set();
      noteTransaction(true);
    } else if (told !== null && COMMIT.test(sql)) pass({ name: ["COMMIT", ...told].join(" "), work });
    else work();
    if (told !== null && !this.isTransaction) endTransaction();
    if (sql === "COMMIT" && lastCommit > 0) noteCommit();
  };
  for (const name of ["run", "get", "all", "iterate"] as const) replaceCall(name);
}

function endTransaction(): void {
  told = null;
  noteTransaction(false);
}

function replaceCall(name: "run" | "get" | "all" | "iterate"): void {
  const original = StatementSync.prototype[name] as (this: StatementSync, ...args: unknown[]) => unknown;
  const replacement = function call(this: StatementSync, ...args: unknown[]): unknown {
    callSqlite();
    const work = () => original.apply(this, args);
    const [, verb, table] = WRITING.exec(this.sourceSQL) ?? [];
    if (verb === undefined) return work();
    // Outside of a transaction a statement is one.
    if (told === null) return pass({ name: `${verb.toUpperCase()} ${table}`, work });
    if (table === "events") noteTypes(args);
    return work();
  };
  Reflect.set(StatementSync.prototype, name, replacement);
}

function noteTypes(args: readonly unknown[]): void {
  for (const value of args) if (typeof value === "string" && EVENT_TYPE.test(value)) told?.add(value);
}

function noteCommit(): void {
  commits += 1;
  const size = statSync(`${CHAOS_STATE}/registry.sqlite-wal`, { throwIfNoEntry: false })?.size ?? 0;
  appendFileSync(sizesFile, `${size}\n`);
  if (commits === lastCommit) process.kill(process.pid, "SIGKILL");
}

/** Fails as node:sqlite does. */
function callSqlite(): void {
  calls += 1;
  if (log !== null) writeSync(log, ".");
  if (calls !== failAt) return;
  const errcode = resultCode;
  throw Object.assign(new Error("as the harness says"), { code: "ERR_SQLITE_ERROR", errcode, errstr: "harness" });
}
