import { explainFailures } from "../../compose/explain-failures.ts";
import { renderRunFailures } from "../../report/failures.ts";
import type { ExitCode } from "../errors.ts";
import { foundOrThrow, type RegistryFlag, readRegistry } from "../open-registry.ts";
import { lookOf, writeJson, writeLines } from "../terminal.ts";

/** `runweave errors [SESSION]`: every failed run of a session. A run_id stands for the session that it belongs to. */
export function showErrors(id: string, flags: RegistryFlag & { json?: boolean }): ExitCode {
  const failures = readRegistry(flags, (reader, state) => {
    const owner = reader.findSession(id) ?? reader.findSession(reader.findRun(id)?.session_id ?? id);
    return explainFailures(reader, { session: foundOrThrow(owner, "session", id), state });
  });
  if (flags.json) writeJson(failures);
  else if (failures.length === 0) writeLines(process.stdout, ["no run failed"]);
  else writeLines(process.stdout, renderRunFailures(failures, lookOf(process.stdout)));
  return 0;
}
