import type { RegistryReader } from "../../core/registry.ts";
import type { EnvironmentFacts, SessionRecord } from "../../core/run.ts";
import type { RunId } from "../../core/run-id.ts";
import { listAliases } from "../../explain/aliases.ts";
import { listBad } from "../../explain/taint.ts";
import { renderLoads } from "../../report/load-table.ts";
import { renderSession } from "../../report/tables.ts";
import type { ExitCode } from "../errors.ts";
import { findSessionOrNewest } from "../find/find-session.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { showPath } from "../show-path.ts";
import { ownerOf, tellAbandoned } from "../tell-owner.ts";
import { lookOf, writeJson, writeLines } from "../terminal.ts";

export interface ShowFlags extends RegistryFlag {
  session?: string;
  json?: boolean;
}

/** `runweave show [SESSION|RUN]`. A run shows the session that it belongs to, and of that run what it loaded. */
export function showSession(id: string | undefined, flags: ShowFlags): ExitCode {
  const { session, logsFolder, loads, shownLoads, owner, ...details } = readRegistry(flags, (reader, state) => {
    const { session, run } = findSessionOrNewest(reader, id, flags.session);
    const isRetried = session.runs.some(({ attempt }) => attempt > 1);
    return {
      session,
      loads: run?.run_id ? reader.loadsOf(run.run_id) : [...reader.loads(session.session_id)],
      shownLoads: run?.run_id ?? null,
      earlier: isRetried ? reader.earlierAttempts(session.session_id) : [],
      environments: listEnvironments(session, reader),
      aliases: listAliases(reader).filter(({ run_id }) => isOfSession(session, run_id)),
      tainted: listBad(reader, session.runs),
      requests: reader.requestsOf(session.session_id),
      owner: ownerOf(reader, session),
      logsFolder: showPath(state.logs),
    };
  });
  const { earlier: earlier_attempts, environments, aliases, tainted, requests } = details;
  if (flags.json) writeJson({ ...session, owner, earlier_attempts, environments, aliases, tainted, requests, loads });
  else {
    const look = lookOf(process.stdout);
    writeLines(process.stdout, renderSession(session, { ...look, logsFolder, ...details }));
    writeLines(process.stdout, tellAbandoned(session, owner));
    if (shownLoads !== null) writeLines(process.stdout, ["", ...renderLoads(loads, look)]);
  }
  return 0;
}

function isOfSession({ runs }: SessionRecord, runId: RunId): boolean {
  return runs.some(({ run_id }) => run_id === runId);
}

/** Each environment that the session's runs ran in, by its digest. */
function listEnvironments({ runs }: SessionRecord, reader: RegistryReader): Record<string, EnvironmentFacts | null> {
  const digests = new Set(runs.flatMap(({ environment }) => environment ?? []));
  return Object.fromEntries(Array.from(digests, (digest) => [digest, reader.findEnvironment(digest)]));
}
