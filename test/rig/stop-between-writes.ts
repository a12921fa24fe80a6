import { DatabaseSync } from "node:sqlite";
import { awaitStop } from "./checked-state.ts";

/** Stops a process at a moment in which it does not hold the registry's write lock, which would keep every other writer out. */
export async function stopBetweenWrites(pid: number, registry: string): Promise<void> {
  const database = new DatabaseSync(registry, { timeout: 0 });
  try {
    do {
      process.kill(pid, "SIGCONT");
      process.kill(pid, "SIGSTOP");
      await awaitStop(pid);
    } while (!mayWrite(database));
  } finally {
    database.close();
  }
}

function mayWrite(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN IMMEDIATE; ROLLBACK");
    return true;
  } catch {
    return false;
  }
}
