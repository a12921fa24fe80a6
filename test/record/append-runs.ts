// A process that appends to a registry: append-runs.ts <registry> <number of this process> <runs, 0 for no end>.
// It writes the run_id of each run to stdout once the run's success is stored.
import { writeSync } from "node:fs";
import { openSqliteRegistry } from "../../src/record/sqlite/registry.ts";
import { History } from "../suites/history.ts";

const [path = "", processNumber = "0", runCount = "0"] = process.argv.slice(2);
const limit = Number(runCount) || Number.POSITIVE_INFINITY;
const registry = openSqliteRegistry(path);
const history = new History((events) => registry.append(events), 1_000_000 * Number(processNumber));
const session = history.startSession();
for (let index = 0; index < limit; index++) {
  history.declare(session, `run${index}`);
  const { run_id } = history.complete(session, `run${index}`, { saves: ["table"] });
  writeSync(1, `${run_id}\n`);
}
registry.close();
