import { type Command, Option } from "commander";
import {
  type HealOptions,
  type HealRequest,
  hasWork,
  healVersions,
  type PlannedHealing,
  planHealing,
} from "../../../compose/actions/heal-versions.ts";
import type { EndedSession } from "../../../compose/session/session-result.ts";
import type { HealingProposal, HealingResult, SessionHealed, UnhealedRun } from "../../../core/answer/healing.ts";
import { renderHealing, renderProposal } from "../../../report/result/heal.ts";
import { toProblemJson } from "../../answers/problem-json.ts";
import { type RegistryFlag, toContext, withStops } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, maxParallel, registry, repeatable, session } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { outliveReader } from "../../outlives-reader.ts";
import { type OutputFlags, toSessionContext, writeEnding } from "../../session-output.ts";
import { askConsent, canAsk, lookOf, writeLines } from "../../terminal.ts";
import type { Stops } from "../../watch-signals.ts";
import { writeAnswer } from "../../write-answer.ts";

const HELP = `
In each session that has bad versions, the runs that saved them are executed
again, and the runs downstream of them unless their inputs turn out equal.
Everything else is reused. A version that comes out different replaces the bad
one; one that comes out equal counts as good again. Which version replaces which
is recorded.
${formatExamples(
  ["runweave heal --dry-run", "what would be executed, and how long it takes"],
  ["runweave heal --yes", "do it without asking"],
  ["runweave heal table@prep", "that version, and what was made of it"],
  ["runweave heal --with raw@import=d783fb92", "replace it by what that run saved"],
  ["runweave heal --yes --move-aliases", "aliases move to the new versions"],
)}`;

/** Declares `heal`. */
export function declareHeal(command: Command, done: Done): void {
  command
    .description("re-run only what bad data affects; shows the plan and asks first")
    .argument(
      "[what...]",
      "a bad version (DATASET@RUN, or an alias), or a session that has some (default: all that is bad)",
    )
    .addOption(repeatable("--with <version=run_id>", "replace a bad version by what this run saved; may be repeated"))
    .option("--dry-run", "only show what would be executed, and how long it takes")
    .option("--yes", "don't ask (needed where there is no terminal to ask on)")
    .option("--move-aliases", "move aliases from the bad versions to those that replace them")
    .addOption(maxParallel("as in those sessions"))
    .option("-v, --verbose", "print a line for each node")
    .addOption(session())
    .addOption(
      new Option("--json", "print what would be done; with --yes: one event per line, the last is heal.finished"),
    )
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (what, flags) => done(await healByCommand(what, flags)));
}

export interface HealFlags extends OutputFlags, RegistryFlag, HealOptions, Omit<HealRequest, "what"> {
  dryRun?: boolean;
}

/** `runweave heal [DATASET@RUN | SESSION ...]`. */
export async function healByCommand(what: readonly string[], flags: HealFlags): Promise<ExitCode> {
  return await withStops(async (stops) => {
    const planned = await planHealing({ registry: flags.registry }, { ...flags, what }, toContext(flags, stops));
    const isDue = hasWork(planned, flags) && flags.dryRun !== true && flags.yes === true;
    // The consented work is done even if the reader goes away during the proposal.
    if (isDue) outliveReader();
    if (!(flags.json && isDue)) show(planned, flags);
    if (!hasWork(planned, flags)) return exitCodeOfProposal(planned.proposal);
    if (!isDue && !(await isConsented(flags, stops)))
      return stops.interrupt.aborted ? 130 : exitCodeOfProposal(planned.proposal);
    return await execute(planned, flags, stops);
  });
}

async function execute(planned: PlannedHealing, flags: HealFlags, stops: Stops): Promise<ExitCode> {
  const { registry, json } = flags;
  const context = {
    ...toSessionContext(flags, stops),
    ...(json ? {} : { onSession: (ended: EndedSession) => writeEnding(ended) }),
  };
  const result = await healVersions({ registry }, { ...planned, options: flags }, context);
  const { fallbacks } = planned;
  if (json) writeAnswer("heal.finished", { ...result, sessions: result.sessions.map(toSessionJson), fallbacks });
  else writeLines(process.stdout, renderHealing(result, lookOf(process.stdout)));
  return exitCodeOf(result, stops);
}

function show({ proposal, fallbacks }: PlannedHealing, { json }: HealFlags): void {
  if (json) {
    const sessions = proposal.sessions.map((each) => {
      return { ...each, unhealed: each.unhealed.map(toUnhealedJson), warnings: each.warnings.map(toProblemJson) };
    });
    const refused = proposal.refused.map((each) => ({ ...each, problems: each.problems.map(toProblemJson) }));
    writeAnswer("heal-plan", { ...proposal, sessions, refused, fallbacks });
    return;
  }
  const lines = renderProposal(proposal, lookOf(process.stdout));
  const { sessions, refused, given, owed } = proposal;
  const isNothing = sessions.length + refused.length + given.length + owed === 0;
  writeLines(process.stdout, isNothing ? ["nothing to heal", ...lines] : lines);
}

/** Refuses where there is no terminal to ask at. */
async function isConsented({ dryRun, json }: HealFlags, stops: Stops): Promise<boolean> {
  if (dryRun || json) return false;
  if (canAsk({ json })) {
    process.stdout.write("\n");
    if (await askConsent("Heal this?", stops.interrupt)) return true;
    writeLines(process.stdout, ["nothing was done"]);
  } else writeLines(process.stdout, ["", "nothing was done: `--yes` does it"]);
  return false;
}

function toUnhealedJson({ run, problems }: UnhealedRun) {
  return { run, problems: problems.map(toProblemJson) };
}

function toSessionJson({ unhealed, problems, ...session }: SessionHealed) {
  return { ...session, unhealed: unhealed.map(toUnhealedJson), problems: problems.map(toProblemJson) };
}

/** Versions that stay bad are a failure. */
function exitCodeOfProposal({ sessions, refused }: HealingProposal): ExitCode {
  return refused.length > 0 || sessions.some(({ unhealed }) => unhealed.length > 0) ? 1 : 0;
}

function exitCodeOf({ sessions, left }: HealingResult, { interrupt }: Stops): ExitCode {
  if (interrupt.aborted) return 130;
  const isWhole = sessions.every(({ status }) => status === "healed" || status === "good");
  return isWhole && left.length === 0 ? 0 : 1;
}
