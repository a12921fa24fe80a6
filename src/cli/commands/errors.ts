import { explainFailures } from "../../compose/failures/explain-failures.ts";
import { renderRunFailures } from "../../report/result/failures.ts";
import type { ExitCode } from "../errors.ts";
import { findSessionOrNewest } from "../find/find-and-tell.ts";
import { listFallbacks } from "../find/tell-fallback.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { lookOf, writeLines } from "../terminal.ts";
import { writeAnswer } from "../write-answer.ts";

export interface ErrorsFlags extends RegistryFlag {
  session?: string;
  json?: boolean;
}

/** `runweave errors [SESSION|RUN]`: every failed run of a session. A run stands for the session that it belongs to. */
export function showErrors(id: string | undefined, flags: ErrorsFlags): ExitCode {
  const { session_id, failures, fallback } = readRegistry(flags, (reader, state) => {
    const { session, fallback } = findSessionOrNewest(reader, id, flags.session);
    return { session_id: session.session_id, failures: explainFailures(reader, { session, state }), fallback };
  });
  if (flags.json) writeAnswer("errors", { session_id, errors: failures, fallbacks: listFallbacks(fallback) });
  else if (failures.length === 0) writeLines(process.stdout, ["no run failed"]);
  else writeLines(process.stdout, renderRunFailures(failures, lookOf(process.stdout)));
  return 0;
}
