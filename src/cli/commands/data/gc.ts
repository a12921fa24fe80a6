import { type Command, Option } from "commander";
import { type CollectRequest, type Copies, collectOldData } from "../../../compose/actions/collect-old-data.ts";
import { type CollectionPlan, countRules } from "../../../compose/trash/collect-garbage.ts";
import { countBytes } from "../../../compose/trash/discard-attempt.ts";
import { renderTrash } from "../../../report/result/trash-table.ts";
import { cleanText } from "../../../report/text/clean-text.ts";
import { formatBytes } from "../../../report/text/duration.ts";
import type { TrashEntry } from "../../../versions/trash/trash.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, dryRun, json, olderThan, parseCount, parseTime, registry } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { lookOf, writeLines } from "../../terminal.ts";
import { bytesOf, toEntryJson } from "../../trash-entry.ts";
import { writeAnswer } from "../../write-answer.ts";

const GC_HELP = `
The data of an attempt are kept if one of these holds:

- --keep-last or --older-than keep it, or its session has not ended;
- an alias stands for it, or it has the tag \`keep\`;
- a run that is kept has read it, directly or through other runs;
- it was adopted.

Copies of what publications replaced are deleted from the trash once they are
older than 30 days and not among the last 3 of their path.

Records are always kept: \`show\`, \`lineage\` and \`why\` still know the run.
Removed data can be restored until you empty the trash.
${formatExamples(
  ["runweave gc --keep-last 5", "says what would be removed, why, and how much space that frees"],
  ["runweave gc --keep-last 5 --older-than 30d --yes", "older than 30 days, and not among the last 5 of its run"],
  ["runweave tag train keep=yes", "the data of this run stay"],
)}`;

/** Declares `gc`. */
export function declareGc(command: Command, done: Done): void {
  command
    .description("move the data of old runs to the trash; keeps everything that a kept run depends on")
    .addOption(new Option("--keep-last <n>", "keep the last n of each run of each workflow").argParser(parseCount))
    .addOption(olderThan("remove only what is older"))
    .addOption(
      new Option(
        "--keep-published <n>",
        "keep the last n copies of each path of what publications replaced (default: 3)",
      ).argParser(parseCount),
    )
    .addOption(
      new Option("--published-older-than <age>", "delete only such copies that are older (default: 30d)").argParser(
        parseTime,
      ),
    )
    .option(
      "--yes",
      "do it (default: only say what would be removed, and why); start a project for its remote data unasked",
    )
    .addOption(dryRun())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", GC_HELP)
    .action(async (flags) => done(await gcByCommand(flags)));
}

export interface GcFlags extends RegistryFlag, CollectRequest {
  json?: boolean;
}

/** `runweave gc`: says what would go; with `--yes` moves it to the trash. Exit 3 if something could not be moved or deleted. */
export async function gcByCommand(flags: GcFlags): Promise<ExitCode> {
  const { yes = false, registry } = flags;
  const found = await collectOldData({ registry }, flags, toContext(flags));
  const { plan, copies } = found;
  const trash = { entries: found.trash.length, bytes: bytesOf(found.trash) };
  if (flags.json) writeAnswer("gc", { ...toJson(plan, yes), published_copies: toCopiesJson(copies), trash });
  else {
    const holds = `the trash holds ${trash.entries} ${trash.entries === 1 ? "entry" : "entries"}, ${formatBytes(trash.bytes)}`;
    writeLines(process.stdout, [...describe(plan, yes), ...describeCopies(copies, yes), holds]);
  }
  const faults = [
    ...plan.unreachable.map(({ run_id, message }) => `not collected: ${run_id}: ${message}`),
    ...copies.undeleted.map(({ id, message }) => `not deleted, or not all of it: ${id}: ${message}`),
  ];
  writeLines(process.stderr, faults.map(cleanText));
  return faults.length === 0 ? 0 : 3;
}

function toCopiesJson({ expired, kept }: Copies) {
  return { expired: expired.map(toEntryJson), bytes: bytesOf(expired), kept: kept.length, kept_bytes: bytesOf(kept) };
}

function describeCopies({ expired, kept }: Copies, isDone: boolean): string[] {
  if (expired.length + kept.length === 0) return [];
  const gone = `${isDone ? "deleted" : "would delete"} ${describeSize(expired)}`;
  return [`copies of what publications replaced: ${expired.length === 0 ? "" : `${gone}; `}kept ${describeSize(kept)}`];
}

function describeSize(entries: readonly TrashEntry[]): string {
  return `${entries.length}, ${formatBytes(bytesOf(entries))}`;
}

function toJson({ goes, kept, elsewhere, unreachable }: CollectionPlan, collected: boolean) {
  const bytes = countBytes(goes);
  return { collected, bytes, goes, kept, kept_by_rule: countRules(kept), elsewhere, unreachable };
}

function describe({ goes, kept, elsewhere }: CollectionPlan, isDone: boolean): string[] {
  const bytes = countBytes(goes);
  const rows = goes.map(({ run_id: id, run, time, reason, bytes }) => ({ id, run, time, reason, bytes }));
  const rules = Object.entries(countRules(kept)).map(([rule, count]) => `${count} ${rule}`);
  const what = `${goes.length} ${goes.length === 1 ? "run" : "runs"}, ${formatBytes(bytes)}`;
  const hint = isDone ? "`runweave trash empty` frees the space" : "`--yes` moves it to the trash";
  return [
    ...(goes.length === 0 ? [] : [...renderTrash(rows, lookOf(process.stdout)), ""]),
    ...(goes.length === 0 ? ["nothing to collect"] : [`${isDone ? "collected" : "would collect"} ${what}; ${hint}`]),
    `kept ${kept.length}${rules.length === 0 ? "" : `: ${rules.join(", ")}`}`,
    ...(elsewhere.length === 0 ? [] : [`${elsewhere.length} more could be collected, but hold no data`]),
  ];
}
