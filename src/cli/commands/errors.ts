import { explainFailures } from "../../compose/failures/explain-failures.ts";
import { renderRunFailures } from "../../report/failures.ts";
import type { ExitCode } from "../errors.ts";
import { findSessionOrNewest } from "../find/find-session.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { lookOf, writeJson, writeLines } from "../terminal.ts";

export interface ErrorsFlags extends RegistryFlag {
  session?: string;
  json?: boolean;
}

/** `runweave errors [SESSION|RUN]`: every failed run of a session. A run stands for the session that it belongs to. */
export function showErrors(id: string | undefined, flags: ErrorsFlags): ExitCode {
  const failures = readRegistry(flags, (reader, state) => {
    return explainFailures(reader, { session: findSessionOrNewest(reader, id, flags.session).session, state });
  });
  if (flags.json) writeJson(failures);
  else if (failures.length === 0) writeLines(process.stdout, ["no run failed"]);
  else writeLines(process.stdout, renderRunFailures(failures, lookOf(process.stdout)));
  return 0;
}
