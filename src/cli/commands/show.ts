import type { RegistryReader } from "../../core/registry.ts";
import type { EnvironmentFacts, SessionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { listAliases } from "../../explain/aliases.ts";
import { tellTaint, traceTaints } from "../../explain/taint.ts";
import { renderSession } from "../../report/tables.ts";
import type { ExitCode } from "../errors.ts";
import { foundOrThrow, type RegistryFlag, readRegistry } from "../open-registry.ts";
import { showPath } from "../show-path.ts";
import { lookOf, writeJson, writeLines } from "../terminal.ts";

/** `runweave show [SESSION]`. A run_id shows the session that it belongs to. */
export function showSession(id: string, flags: RegistryFlag & { json?: boolean }): ExitCode {
  const { session, logsFolder, ...details } = readRegistry(flags, (reader, state) => {
    const owner = reader.findSession(id) ?? reader.findSession(reader.findRun(id)?.session_id ?? id);
    const session = foundOrThrow(owner, "session", id);
    const isRetried = session.runs.some(({ attempt }) => attempt > 1);
    return {
      session,
      earlier: isRetried ? reader.earlierAttempts(session.session_id) : [],
      environments: listEnvironments(session, reader),
      aliases: listAliases(reader).filter(({ run_id }) => isOfSession(session, run_id)),
      tainted: listTainted(session, reader),
      requests: reader.requestsOf(session.session_id),
      logsFolder: showPath(state.logs),
    };
  });
  const { earlier: earlier_attempts, environments, aliases, tainted, requests } = details;
  if (flags.json) writeJson({ ...session, earlier_attempts, environments, aliases, tainted, requests });
  else writeLines(process.stdout, renderSession(session, { ...lookOf(process.stdout), logsFolder, ...details }));
  return 0;
}

function isOfSession({ runs }: SessionRecord, runId: RunId): boolean {
  return runs.some(({ run_id }) => run_id === runId);
}

/** What of the session is tainted, or was made of what is. */
function listTainted({ runs }: SessionRecord, reader: RegistryReader) {
  const ids = new Set(runs.map(({ run_id }) => run_id));
  return traceTaints(reader).versions.flatMap((bad) => {
    return ids.has(bad.run_id) ? [{ ...bad, what: tellTaint(bad) }] : [];
  });
}

/** Each environment that the session's runs ran in, by its digest. */
function listEnvironments({ runs }: SessionRecord, reader: RegistryReader): Record<string, EnvironmentFacts | null> {
  const digests = new Set(runs.flatMap(({ environment }) => environment ?? []));
  return Object.fromEntries(Array.from(digests, (digest) => [digest, reader.findEnvironment(digest)]));
}
