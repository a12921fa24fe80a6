import { Argument, type Command } from "commander";
import {
  type EmptiedTrash,
  type EmptyRequest,
  emptyTrash,
  restoreTrash,
  showTrash,
} from "../../../compose/actions/use-trash.ts";
import type { EntryStanding } from "../../../compose/home/judge-entry.ts";
import { renderTrash } from "../../../report/result/trash-table.ts";
import { cleanText } from "../../../report/text/clean-text.ts";
import { formatBytes } from "../../../report/text/duration.ts";
import type { TrashEntry } from "../../../versions/trash/trash.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, dryRun, json, olderThan, registry } from "../../declare/options.ts";
import { CliError, type ExitCode } from "../../errors.ts";
import { lookOf, writeLines } from "../../terminal.ts";
import { bytesOf, toEntryJson, toTrashRow } from "../../trash-entry.ts";
import { writeAnswer } from "../../write-answer.ts";

const TRASH_HELP = `
The trash holds what \`runweave gc\` removed, what failed attempts saved if the
workflow says \`cleanup_on_error: trash\`, and files that a publication or a
roll-back replaced. Nothing is deleted from it until you empty it, except old
copies of what publications replaced, by \`runweave gc\`.
${formatExamples(
  ["runweave trash list"],
  ["runweave trash restore train", "its data go back to exactly where they were"],
  ["runweave trash restore gc-d783fb92"],
  ["runweave trash empty --older-than 7d", "says what would be deleted"],
  ["runweave trash empty --older-than 7d --yes", "deletes it, except entries that the registry does not know"],
  ["runweave trash empty ID --yes", "deletes this one, known or not"],
)}`;

/** Declares `trash`. */
export function declareTrash(command: Command, done: Done): void {
  command
    .addArgument(new Argument("<action>", "what to do").choices(["list", "restore", "empty"]))
    .argument("[id]", "an entry's id; `restore` also takes a run's name or run_id (the last 8 digits are enough)")
    .addOption(olderThan("with `empty`: only what was removed before"))
    .option(
      "--yes",
      "with `empty`: delete it (default: only say what would be deleted); start a project for its remote data unasked",
    )
    .addOption(dryRun())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", TRASH_HELP)
    .action(async (action, id, flags) => done(await trashByCommand({ action, id }, flags)));
}

export interface TrashFlags extends RegistryFlag, Omit<EmptyRequest, "id"> {
  json?: boolean;
}

/** `runweave trash list|restore|empty [ID]`: exit 3 if an entry could not be deleted. */
export async function trashByCommand(
  { action, id }: { action: "list" | "restore" | "empty"; id: string | undefined },
  flags: TrashFlags,
): Promise<ExitCode> {
  switch (action) {
    case "list":
      return list(flags);
    case "restore":
      return await restore(id, flags);
    case "empty":
      return await empty(id, flags);
    default:
      return action satisfies never;
  }
}

function list({ registry, json }: TrashFlags): ExitCode {
  const { entries, faults } = showTrash({ registry }, toContext({ json }));
  if (json) {
    const told = entries.map(({ entry, standing }) => ({ ...toEntryJson(entry), standing }));
    writeAnswer("trash-list", { entries: told, faults });
    return 0;
  }
  const shown = entries.filter(({ entry }) => holdsData(entry));
  const rows = shown.map(({ entry, standing }) => {
    const row = toTrashRow(entry);
    return { ...row, reason: `${STANDING[standing]}${row.reason}` };
  });
  const hidden = entries.length - shown.length;
  const rest = `${hidden} more ${hidden === 1 ? "entry holds" : "entries hold"} no data: nothing stood where a session published`;
  writeLines(process.stdout, [...renderTrash(rows, lookOf(process.stdout)), ...(hidden === 0 ? [] : [rest])]);
  const notEntries = faults.map(({ message }) => cleanText(`not an entry: ${message}`));
  writeLines(process.stderr, notEntries);
  return 0;
}

/** False if a publication replaced no file: the entry only records that a roll-back is to remove the published one. */
function holdsData({ manifest: { cause, items } }: TrashEntry): boolean {
  return cause !== "published-over" || items.length > 0;
}

/** Words that a table shows before the reason for which an entry is in the trash. */
const STANDING: Readonly<Record<EntryStanding, string>> = {
  known: "",
  unknown: "not known to the registry; ",
  elsewhere: "of another state folder; ",
};

async function restore(id: string | undefined, { registry, json, yes }: TrashFlags): Promise<ExitCode> {
  if (id === undefined) {
    const hint = "`runweave trash list` lists what there is";
    throw new CliError("missing-id", "restore needs an entry or a run", { hint });
  }
  const entry = await restoreTrash({ registry }, id, toContext({ json, yes }));
  if (json) writeAnswer("trash-restore", { restored: toEntryJson(entry) });
  else {
    const lines = entry.manifest.items.map(({ original }) => cleanText(`restored ${original}`));
    writeLines(process.stdout, lines);
  }
  return 0;
}

async function empty(id: string | undefined, { registry, ...flags }: TrashFlags): Promise<ExitCode> {
  const emptied = await emptyTrash({ registry }, { ...flags, id }, toContext(flags));
  if (flags.json) writeAnswer("trash-empty", toEmptiedJson(emptied, flags));
  else describeEmptied(emptied, flags);
  return emptied.undeleted.length === 0 ? 0 : 3;
}

function toEmptiedJson({ goes, unknown, elsewhere, undeleted }: EmptiedTrash, { yes: deleted = false }: EmptyRequest) {
  const ids = (entries: readonly TrashEntry[]) => entries.map(({ manifest }) => manifest.id);
  const stays = { unknown: ids(unknown), elsewhere: ids(elsewhere), not_deleted: undeleted };
  return { deleted, bytes: bytesOf(goes), entries: goes.map(toEntryJson), ...stays };
}

const BY_NAME = "`runweave trash list` marks them, and `runweave trash empty ID --yes` deletes one";

function describeEmptied({ goes, unknown, elsewhere, undeleted }: EmptiedTrash, { yes }: EmptyRequest): void {
  const what = `${count(goes.length)}, ${formatBytes(bytesOf(goes))}`;
  writeLines(process.stdout, [
    ...(goes.length === 0 ? [] : renderTrash(goes.map(toTrashRow), lookOf(process.stdout))),
    yes ? `deleted ${what}` : `would delete ${what}; \`--yes\` does`,
    ...(unknown.length === 0 ? [] : [`${describeStays(unknown)}: the registry does not know them; ${BY_NAME}`]),
    ...(elsewhere.length === 0
      ? []
      : [`${describeStays(elsewhere)}: their data lie in the trash of another state folder`]),
  ]);
  const faults = undeleted.map(({ id, message }) => cleanText(`not deleted, or not all of it: ${id}: ${message}`));
  writeLines(process.stderr, faults);
}

function describeStays(entries: readonly TrashEntry[]): string {
  return `${count(entries.length)} ${entries.length === 1 ? "stays" : "stay"}`;
}

function count(number: number): string {
  return `${number} ${number === 1 ? "entry" : "entries"}`;
}
