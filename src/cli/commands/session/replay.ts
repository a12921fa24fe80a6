import { type Command, Option } from "commander";
import { planReplay, type ReplayRequest, replaySession } from "../../../compose/actions/replay-session.ts";
import type { ReplayPreview } from "../../../core/answer/replay.ts";
import { toDiffText } from "../../../explain/text/diff-text.ts";
import { describeReplay, renderReplay } from "../../../report/result/replay.ts";
import { renderSpans } from "../../../report/text/spans.ts";
import { toProblemJson } from "../../answers/problem-json.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import {
  type Done,
  keepWorker,
  maxParallel,
  registry,
  repeatable,
  SESSION_OR_RUN,
  SET_FIELDS,
  session,
  set,
  timings,
  yes,
} from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import type { KeepFlags } from "../../keep-workers.ts";
import { exitCodeOf, type OutputFlags, toSessionContext, writeEnding } from "../../session-output.ts";
import { lookOf, writeLines, writeProblems, writeText } from "../../terminal.ts";
import { type TimedCommand, type TimingFlags, timeCommand } from "../../time-command.ts";
import type { Stops } from "../../watch-signals.ts";
import { writeAnswer } from "../../write-answer.ts";

const HELP = `
A replay is a new session with the plan of the old one. Runs that your changes
affect are executed, and the runs downstream of them; all others are reused. A
downstream run is reused too if all its inputs turn out equal. Nothing is
published without --publish. At the end you see how the two sessions differ.

${SET_FIELDS}
${formatExamples(
  ["runweave replay latest --set train.params.model_options.random_state=7 --dry-run"],
  ["runweave replay latest --set 'train[seed=1].params.model_options.depth=3' --set report.env=prod"],
  ["runweave replay d783fb92 --pin metrics@report=d783fb92"],
  ["runweave replay train", "that run of the newest session again, and what is downstream of it"],
)}`;

/** Declares `replay`. */
export function declareReplay(command: Command, done: Done): void {
  command
    .description("do a session again with a change: only what the change affects is executed, the rest is reused")
    .argument("<id>", `${SESSION_OR_RUN}; of a run: this run and what is downstream of it`)
    .addOption(session())
    .addOption(set())
    .addOption(repeatable("--pin <dataset@run=run_id>", "let a run read what this other run saved; may be repeated"))
    .option("--fresh <runs...>", "execute these runs too, though nothing changes for them")
    .option("--dry-run", "show what would be executed and what reused, why, and how long it takes")
    .option("--publish", "publish what the workflow publishes, if the session succeeds")
    .addOption(maxParallel("as in that session"))
    .option("-v, --verbose", "print a line for each node")
    .addOption(keepWorker())
    .addOption(timings())
    .addOption(
      new Option("--json", "print one event per line, then the differences; with --dry-run: what would be done"),
    )
    .addOption(yes())
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await replayByCommand(id, flags)));
}

export interface ReplayFlags extends OutputFlags, TimingFlags, RegistryFlag, KeepFlags, Omit<ReplayRequest, "id"> {
  dryRun?: boolean;
}

/** `runweave replay SESSION|RUN`. */
export async function replayByCommand(id: string, flags: ReplayFlags): Promise<ExitCode> {
  const request = { ...flags, id };
  return await timeCommand(flags, (led) =>
    flags.dryRun ? foretell(request, flags, led.stops) : execute(request, flags, led),
  );
}

async function foretell(request: ReplayRequest, flags: ReplayFlags, stops: Stops): Promise<ExitCode> {
  const { registry, json } = flags;
  const { preview, warnings, fallbacks } = await planReplay({ registry }, request, toContext(flags, stops));
  if (json) {
    writeAnswer("replay-plan", { ...preview, warnings: warnings.map(toProblemJson), fallbacks });
  } else {
    writeProblems(process.stderr, warnings);
    writeLines(process.stdout, renderReplay(preview, lookOf(process.stdout)));
  }
  return 0;
}

async function execute(request: ReplayRequest, flags: ReplayFlags, { stops, phases }: TimedCommand): Promise<ExitCode> {
  const { registry, json } = flags;
  const context = { ...toSessionContext(flags, stops, phases), ...(json ? {} : { onPreview: showPreview }) };
  const ended = await replaySession({ registry }, request, context);
  const { comparison, fallbacks } = ended;
  if (json) writeAnswer("replay.compared", { ...comparison, fallbacks });
  else {
    writeEnding(ended, phases.totalMs());
    writeText(process.stdout, `\n${toDiffText(comparison)}`);
  }
  return exitCodeOf(ended, stops);
}

function showPreview(preview: ReplayPreview): void {
  const look = { ...lookOf(process.stdout), columns: null };
  const lines = describeReplay(preview).map((spans) => renderSpans(spans, look));
  writeLines(process.stdout, lines);
}
