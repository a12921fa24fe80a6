import type { Command } from "commander";
import { readRegistryAsync } from "../../../compose/actions/context.ts";
import { type Comparison, compareRuns, compareSessions } from "../../../compose/compare-runs.ts";
import type { RegistryReader } from "../../../core/port/registry.ts";
import type { SessionRecord } from "../../../core/run.ts";
import type { RunId } from "../../../core/run-id.ts";
import { type Fallback, findNamed, findSessionById, listFallbacks } from "../../../explain/find/find-named.ts";
import { findTarget } from "../../../explain/find/read-target.ts";
import { toDiffText } from "../../../explain/text/diff-text.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, SESSION_OR_RUN, session } from "../../declare/options.ts";
import { CliError, type ExitCode } from "../../errors.ts";
import { findStartedRun } from "../../find/find-and-tell.ts";
import { writeText } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `diff`. */
export function declareDiff(command: Command, done: Done): void {
  command
    .description(
      "show how two sessions differ, or two runs with all that they were made of; the first cause comes first",
    )
    .argument("<a>", SESSION_OR_RUN)
    .argument("<b>", "the session or run to compare it with")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave diff 0000d783fb92 latest", "an earlier session and the newest"],
        ["runweave diff 'train[k=1]' 'train[k=2]'", "two variants of one session"],
      ),
    )
    .action(async (a, b, flags) => done(await showDiff(a, b, flags)));
}

export interface DiffFlags extends RegistryFlag {
  session?: string;
  json?: boolean;
}

/** `runweave diff A B`: compares two runs, or two sessions. */
export async function showDiff(a: string, b: string, flags: DiffFlags): Promise<ExitCode> {
  const { fallbacks, ...comparison } = await readRegistryAsync(flags, toContext(flags), async (reader, state) => {
    const [left, right] = [findSide(reader, a, flags), findSide(reader, b, flags)];
    const fallbacks = listFallbacks(left.fallback, right.fallback);
    const compare = async (): Promise<Comparison> => {
      if (left.session !== null && right.session !== null)
        return await compareSessions(reader, state, { a: left.session, b: right.session });
      if (left.runId !== null && right.runId !== null)
        return await compareRuns(reader, state, { a: left.runId, b: right.runId });
      const hint = "name two runs, or two sessions";
      throw new CliError("unlike", "a run and a session can't be compared", { hint });
    };
    return { ...(await compare()), fallbacks };
  });
  if (flags.json) writeAnswer("diff", { ...comparison, fallbacks });
  else writeText(process.stdout, toDiffText(comparison));
  return 0;
}

/** One of the two is null. */
interface Side {
  session: SessionRecord | null;
  runId: RunId | null;
  fallback: Fallback | null;
}

/** Finds the session or run that a word stands for. `--session` applies to names only: an id needs no session. */
function findSide(reader: RegistryReader, word: string, flags: DiffFlags): Side {
  const isName = reader.runsNamed(word).length > 0 || findTarget(reader, word) !== null;
  const session = isName ? flags.session : undefined;
  const named = findNamed(reader, word, { takes: "both", session });
  if (named.kind === "session")
    return { session: findSessionById(reader, named.sessionId), runId: null, fallback: null };
  const { run, fallback } = findStartedRun(reader, word, { session });
  return { session: null, runId: run.run_id, fallback };
}
