import type { Command } from "commander";
import {
  planSessionRollback,
  type RollbackRequest,
  type RolledBackSession,
  rollBackSession,
} from "../../../compose/actions/roll-back-session.ts";
import { planUndoing } from "../../../compose/rollback/plan-undoing.ts";
import { type JudgedRollback, TAKEN_BY_HAND } from "../../../compose/rollback/roll-back.ts";
import type { RunEvent } from "../../../core/event/event.ts";
import type { RunCompensated } from "../../../core/event/rollback-event.ts";
import { describeUndoing } from "../../../report/result/describe-undoing.ts";
import { cleanText } from "../../../report/text/clean-text.ts";
import { stampFirst } from "../../../report/text/schema-version.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, SESSION, yes } from "../../declare/options.ts";
import { type ExitCode, explainError } from "../../errors.ts";
import { writeLines } from "../../terminal.ts";
import { writeAnswer, writeJsonLine } from "../../write-answer.ts";

const HELP = `
Files that the session published get back what was there before. Then each run's
\`on_rollback\` command runs, the last run first. Each step is recorded and not
done twice: if a roll-back is interrupted or a command fails, call it again. If
a published file has changed since, nothing is done without --force.
${formatExamples(["runweave rollback latest --dry-run", "what would be done"], ["runweave rollback d783fb92"])}`;

/** Declares `rollback`. */
export function declareRollback(command: Command, done: Done): void {
  command
    .description("take back what a session published, and what its runs did elsewhere")
    .argument("<session>", SESSION)
    .option("--force", "put the earlier files back even if the published ones have changed since")
    .option("--by-hand <run...>", "this run was taken back by hand: don't call its failed command again")
    .option("--dry-run", "only say what would be done")
    .addOption(json())
    .addOption(yes())
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await rollbackByCommand(id, flags)));
}

export interface RollbackFlags extends RegistryFlag, Omit<RollbackRequest, "session"> {
  dryRun?: boolean;
  json?: boolean;
  yes?: boolean;
}

/** `runweave rollback SESSION`: exit 1 if a command that takes a run back failed. */
export async function rollbackByCommand(session: string, flags: RollbackFlags): Promise<ExitCode> {
  const { registry, force, byHand, dryRun } = flags;
  const stamp = stampFirst();
  const onEvent = (event: RunEvent) => describeStep(stamp(event), flags);
  const context = { ...toContext(flags), onEvent };
  const request = { session, force, byHand };
  const ended = dryRun
    ? await planSessionRollback({ registry }, request, context)
    : await rollBackSession({ registry }, request, context);
  if ("plan" in ended) return showPlan(ended, flags);
  formatEnd(ended, flags);
  return ended.status === "done" ? 0 : 1;
}

/** Shows the plan. Throws the refusal if a roll-back would be refused. */
function showPlan({ plan, refusal }: JudgedRollback, { json }: RollbackFlags): ExitCode {
  const { publications, compensations, stays } = plan;
  const undo = publications.map(({ former, run, files }) => {
    const { dataset, location } = former;
    return { run, dataset, location, files: files.map((each) => ({ ...planUndoing(each), state: each.state })) };
  });
  const run = compensations.map(({ record, task }) => ({ run: record.run, run_id: record.run_id, command: task.argv }));
  if (json) {
    const refused = refusal === null ? null : { code: refusal.code, message: refusal.message, hint: refusal.hint };
    writeAnswer("rollback-plan", { publications: undo, compensations: run, stays, refused });
    return refusal === null ? 0 : (explainError(refusal)?.exitCode ?? 1);
  }
  const paths = undo.flatMap((publication) => describeUndoing(publication, "planned"));
  const commands = run.map(({ run, command }) => `would take ${run} back: ${command.join(" ")}`);
  const lines = [...paths, ...commands];
  writeLines(process.stdout, (lines.length === 0 ? ["nothing is left to roll back"] : lines).map(cleanText));
  writeLines(process.stderr, stays.map(describeStaying));
  if (refusal !== null) throw refusal;
  return 0;
}

function describeStep(event: RunEvent, { json }: RollbackFlags): void {
  if (json) writeJsonLine(event);
  else if (event.type === "publication.undone") writeLines(process.stdout, describeUndoing(event, "done"));
  else if (event.type === "publication.set_aside")
    writeLines(process.stdout, [cleanText(`what is at ${event.path} goes to the trash, as ${event.entry}`)]);
  else if (event.type === "run.compensated" && event.status === "success")
    writeLines(process.stdout, [cleanText(describeCompensated(event))]);
}

function describeCompensated({ run, message }: RunCompensated): string {
  return message === TAKEN_BY_HAND ? `${run} was ${TAKEN_BY_HAND}` : `took ${run} back`;
}

/** Prints the end; with `--json`, as the last line. */
function formatEnd(ended: RolledBackSession, { json }: RollbackFlags): void {
  if (json) writeAnswer("rollback.result", ended);
  else {
    writeLines(ended.status === "done" ? process.stdout : process.stderr, [cleanText(ended.message)]);
    writeLines(process.stderr, ended.stays.map(describeStaying));
  }
}

function describeStaying(location: string): string {
  return cleanText(`stays: ${location} was published on remote storage, where the earlier data were not kept`);
}
