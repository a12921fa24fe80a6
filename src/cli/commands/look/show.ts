import type { Command } from "commander";
import { readRegistry } from "../../../compose/actions/context.ts";
import { ownerOf } from "../../../compose/session/hold-session.ts";
import type { RegistryReader } from "../../../core/port/registry.ts";
import type { EnvironmentFacts, RunRecord, SessionRecord } from "../../../core/run.ts";
import type { RunId } from "../../../core/run-id.ts";
import { listAliases } from "../../../explain/aliases.ts";
import { listEarlierAttempts } from "../../../explain/earlier-attempts.ts";
import { listFallbacks } from "../../../explain/find/find-named.ts";
import { listOuterWriters } from "../../../explain/outer-writers.ts";
import { listBad } from "../../../explain/taint.ts";
import { renderLoads } from "../../../report/result/load-table.ts";
import { renderRunPage } from "../../../report/result/run-page.ts";
import { renderSession } from "../../../report/result/tables.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, SESSION_OR_RUN, session } from "../../declare/options.ts";
import { describeAbandoned } from "../../describe-owner.ts";
import type { ExitCode } from "../../errors.ts";
import { findSessionOrNewest } from "../../find/find-and-tell.ts";
import { showPath } from "../../show-path.ts";
import { lookOf, writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `show`. */
export function declareShow(command: Command, done: Done): void {
  command
    .argument("[id]", `${SESSION_OR_RUN} (default: the newest session)`)
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave show", "the newest session"], ["runweave show 'train[k=1]'", "one run of it"]),
    )
    .action(async (id, flags) => done(showSession(id, flags)));
}

export interface ShowFlags extends RegistryFlag {
  session?: string;
  json?: boolean;
}

/** `runweave show [SESSION|RUN]`: a session run by run, or one run alone with what it loaded. */
export function showSession(id: string | undefined, flags: ShowFlags): ExitCode {
  const { session, run, logsFolder, loads, owner, fallback, ...details } = readRegistry(
    flags,
    toContext(flags),
    (reader, state) => {
      const { session: whole, run, fallback } = findSessionOrNewest(reader, id, flags.session);
      const session = run === null ? whole : { ...whole, runs: [run] };
      const isRetried = session.runs.some(({ attempt }) => attempt > 1);
      const earlier = isRetried ? listEarlierAttempts(reader, whole.session_id) : [];
      return {
        session: whole,
        run,
        fallback,
        loads: run === null ? [...reader.loads(whole.session_id)] : run.run_id ? reader.loadsOf([run.run_id]) : [],
        earlier: run === null ? earlier : earlier.filter((each) => isBefore(each, run)),
        environments: listEnvironments(session, reader),
        aliases: listAliases(reader).filter(({ run_id }) => isOfSession(session, run_id)),
        tainted: listBad(reader, session.runs),
        writers: listOuterWriters(reader, session.runs),
        requests: reader.requestsOf(whole.session_id).filter((asked) => run === null || asked.run === run.run),
        owner: ownerOf(reader, whole),
        logsFolder: showPath(state.logs),
      };
    },
  );
  const { earlier: earlier_attempts, environments, aliases, tainted, requests } = details;
  const look = { ...lookOf(process.stdout), logsFolder, showPath };
  if (flags.json) {
    const shown = run === null ? session : { ...session, runs: [run] };
    const about = { owner, earlier_attempts, environments, aliases, tainted, requests, loads };
    writeAnswer("show", { ...shown, ...about, fallbacks: listFallbacks(fallback) });
  } else if (run === null) {
    writeLines(process.stdout, renderSession(session, { ...look, ...details }));
    writeLines(process.stdout, describeAbandoned(session, owner));
  } else {
    writeLines(process.stdout, renderRunPage(session, run, { ...look, ...details }));
    if (loads.length > 0) writeLines(process.stdout, ["", ...renderLoads(loads, look)]);
  }
  return 0;
}

function isBefore({ run, attempt }: RunRecord, shown: RunRecord): boolean {
  return run === shown.run && attempt < shown.attempt;
}

function isOfSession({ runs }: SessionRecord, runId: RunId): boolean {
  return runs.some(({ run_id }) => run_id === runId);
}

/** Lists the environments of the session's runs, each by its digest. */
function listEnvironments({ runs }: SessionRecord, reader: RegistryReader): Record<string, EnvironmentFacts | null> {
  const digests = new Set(runs.flatMap(({ environment }) => environment ?? []));
  return Object.fromEntries(Array.from(digests, (digest) => [digest, reader.findEnvironment(digest)]));
}
