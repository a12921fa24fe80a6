import type { DatabaseSync, StatementSync } from "node:sqlite";
import { explainingErrors } from "./sqlite-error.ts";

/** A database whose statements are prepared once and whose errors are explained. */
export interface Connection {
  readonly path: string;
  /** Names of tables and columns in `sql` come from this folder's code; values are always bound. */
  prepare(sql: string): StatementSync;
  /** `BEGIN IMMEDIATE ... COMMIT`: a deferred transaction that starts to write gets SQLITE_BUSY without waiting. */
  write(work: () => void): void;
  /** Everything that `work` reads is of one moment. */
  read<T>(work: () => T): T;
  close(): void;
}

export function connect(path: string, open: (path: string) => DatabaseSync): Connection {
  const database = explainingErrors(path, () => open(path));
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    path,
    prepare,
    write: (work) => explainingErrors(path, () => transact(database, "BEGIN IMMEDIATE", work)),
    read: (work) => explainingErrors(path, () => transact(database, "BEGIN", work)),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function transact<T>(database: DatabaseSync, begin: string, work: () => T): T {
  database.exec(begin);
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
