import { statSync } from "node:fs";
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { RegistryError } from "../../core/error/registry-error.ts";
import { explainingErrors } from "./error.ts";
import { TIMEOUT_MS } from "./open-database.ts";
import { waitWhileBusy } from "./wait-while-busy.ts";

export interface WriteOptions {
  /** Longest wait for other writers, in milliseconds; the thread stands still for that time. Default: half a minute. */
  patienceMs?: number;
  /** Default: true. What is not durable costs no flush and may be gone after a loss of power, as a whole. */
  durable?: boolean;
}

/** Part of node:sqlite's statements that is used here. Values are bound by position. */
export interface Statement {
  all(...values: SQLInputValue[]): ReturnType<StatementSync["all"]>;
  get(...values: SQLInputValue[]): ReturnType<StatementSync["get"]>;
  run(...values: SQLInputValue[]): ReturnType<StatementSync["run"]>;
  /** Collects `take` of each row, one after the other, as there may be millions. */
  collect<T>(take: (row: Row) => T, ...values: SQLInputValue[]): T[];
}

type Row = Record<string, SQLOutputValue>;

/**
 * A database whose statements are prepared once. Errors of SQLite and of the disk are explained, in each method of it and of
 * its statements: RegistryError. Any other error is a fault of ours.
 */
export interface Connection {
  readonly path: string;
  /** Names of tables and columns in `sql` come from this folder's code; values are always bound. */
  prepare(sql: string): Statement;
  /**
   * Runs `BEGIN IMMEDIATE ... COMMIT`: a deferred transaction that starts to write gets SQLITE_BUSY without waiting.
   * Commits only to a file that is still at its path: SQLite would go on writing to a removed one, which no reader
   * would ever see.
   */
  write(work: () => void, options?: WriteOptions): void;
  /** Runs `work`, all of whose reads are of one moment. */
  read<T>(work: () => T): T;
  close(): void;
}

export function connect(path: string, open: (path: string) => DatabaseSync): Connection {
  const database = explainingErrors(path, () => open(path));
  const isInPlace = explainingErrors(path, () => watchPlace(path));
  const statements = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    const statement = statements.get(sql) ?? explainingErrors(path, () => prepareExplained(database, path, sql));
    statements.set(sql, statement);
    return statement;
  };
  return {
    path,
    prepare,
    write: (work, options) => {
      const workInPlace = () => {
        work();
        if (!isInPlace()) throw describeMoved(path);
      };
      const begin = () => takeTurn(database, options);
      explainingErrors(path, () => withDurability(database, options, () => transact(database, begin, workInPlace)));
    },
    read: (work) => {
      if (database.isTransaction) return work();
      return explainingErrors(path, () => transact(database, () => database.exec("BEGIN"), work));
    },
    close: () => {
      if (database.isOpen) explainingErrors(path, () => database.close());
    },
  };
}

/** A statement outside of `read` and `write` explains its errors as well. */
function prepareExplained(database: DatabaseSync, path: string, sql: string): Statement {
  const statement = database.prepare(sql);
  return {
    all: (...values) => explainingErrors(path, () => statement.all(...values)),
    get: (...values) => explainingErrors(path, () => statement.get(...values)),
    run: (...values) => explainingErrors(path, () => statement.run(...values)),
    collect: (take, ...values) => explainingErrors(path, () => Array.from(statement.iterate(...values), take)),
  };
}

/** Tells later whether the file that is at a path now still is. */
function watchPlace(path: string): () => boolean {
  const look = () => statSync(path, { throwIfNoEntry: false });
  const opened = look();
  return () => {
    const found = look();
    return found !== undefined && found.ino === opened?.ino && found.dev === opened.dev;
  };
}

function describeMoved(path: string): RegistryError {
  const message = `the registry ${path} was moved, deleted or replaced while it was in use`;
  const hint = "put it back, and `runweave resume` continues; if it is gone, run the workflow again";
  return new RegistryError("registry-unusable", message, hint);
}

/** Waits for the other writers in our own way, and for everything else in SQLite's. */
function takeTurn(database: DatabaseSync, options?: WriteOptions): void {
  database.exec("PRAGMA busy_timeout = 0");
  try {
    waitWhileBusy(() => database.exec("BEGIN IMMEDIATE"), options);
  } finally {
    database.exec(`PRAGMA busy_timeout = ${TIMEOUT_MS}`);
  }
}

/**
 * `NORMAL` flushes at checkpoints alone in WAL mode; it never damages the file
 * (sqlite.org/pragma.html#pragma_synchronous).
 */
function withDurability(database: DatabaseSync, { durable = true }: WriteOptions = {}, work: () => void): void {
  if (durable) {
    work();
    return;
  }
  database.exec("PRAGMA synchronous = NORMAL");
  try {
    work();
  } finally {
    database.exec("PRAGMA synchronous = FULL");
  }
}

function transact<T>(database: DatabaseSync, begin: () => void, work: () => T): T {
  try {
    begin();
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
