import { refuseMoved } from "../../compose/home/home-state.ts";
import { type EntryStanding, judgeEntry } from "../../compose/home/judge-entry.ts";
import { withRemoteStorage } from "../../compose/trash/open-remote-storage.ts";
import { restoreEntry } from "../../compose/trash/restore-trash.ts";
import { systemClock } from "../../core/port/clock.ts";
import { isIdEnding } from "../../core/run-id.ts";
import { didYouMean } from "../../core/text/suggest.ts";
import type { TrashCause } from "../../core/trash.ts";
import { renderTrash } from "../../report/result/trash-table.ts";
import { cleanText } from "../../report/text/clean-text.ts";
import { PlaceTakenError } from "../../versions/move-path.ts";
import { listTrash, type TrashEntry } from "../../versions/trash/trash.ts";
import { TrashFaultError } from "../../versions/trash/trash-manifest.ts";
import { type EmptyFlags, emptyByCommand } from "../empty-trash-command.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { readRegistry, writeRegistry } from "../open-registry.ts";
import { showUnfreed } from "../show-unfreed.ts";
import { showWait } from "../show-wait.ts";
import { tellStorage } from "../tell-storage.ts";
import { lookOf, writeLines } from "../terminal.ts";
import { findEntryById, refuseAmbiguous, toEntryJson, toTrashRow } from "../trash-entry.ts";
import { writeAnswer } from "../write-answer.ts";

export type TrashAction = "list" | "restore" | "empty";

export type TrashFlags = EmptyFlags;

/** `runweave trash list|restore|empty [ID]`. */
export async function useTrash(
  { action, id }: { action: TrashAction; id: string | undefined },
  flags: TrashFlags,
): Promise<ExitCode> {
  switch (action) {
    case "list":
      return showTrash(flags);
    case "restore":
      return await restore(id, flags);
    case "empty":
      return await emptyByCommand(id, flags);
    default:
      return action satisfies never;
  }
}

function showTrash(flags: TrashFlags): ExitCode {
  const { entries, faults } = readRegistry(flags, (registry, folders) => {
    const { entries, faults } = listTrash(folders.trash);
    const judged = entries.map((entry) => ({ entry, standing: judgeEntry({ registry, folders }, entry) }));
    return { entries: judged, faults };
  });
  if (flags.json) {
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
  writeLines(
    process.stderr,
    faults.map(({ message }) => cleanText(`not an entry: ${message}`)),
  );
  return 0;
}

/** False where a publication replaced nothing: a roll-back removes what was published, as the entry says. */
function holdsData({ manifest: { cause, items } }: TrashEntry): boolean {
  return cause !== "published-over" || items.length > 0;
}

/** Words that a table shows before the reason for which an entry is in the trash. */
const STANDING: Readonly<Record<EntryStanding, string>> = {
  known: "",
  unknown: "not known to the registry; ",
  elsewhere: "of another state folder; ",
};

const SHOWN = { clock: systemClock, onWait: showWait, onUnfreed: showUnfreed };

async function restore(id: string | undefined, flags: TrashFlags): Promise<ExitCode> {
  if (id === undefined) {
    throw new CliError("missing-id", "restore needs an entry or a run", {
      hint: "`runweave trash list` lists what there is",
    });
  }
  return await writeRegistry<ExitCode>(flags, async (registry, folders) => {
    refuseMoved({ registry, folders }, "trash restore");
    const found = findEntry(listTrash(folders.trash).entries, id);
    try {
      const entry = await withRemoteStorage(folders, (remote) =>
        restoreEntry({ folders, registry, remote, ...SHOWN }, found.manifest.id),
      );
      if (flags.json) writeAnswer("trash-restore", { restored: toEntryJson(entry) });
      else
        writeLines(
          process.stdout,
          entry.manifest.items.map(({ original }) => cleanText(`restored ${original}`)),
        );
      return 0;
    } catch (error) {
      if (error instanceof TrashFaultError) throw new CliError("trash-fault", error.message);
      if (error instanceof PlaceTakenError) throw new CliError("trash-taken", `${error.message} now`);
      throw tellStorage(error);
    }
  });
}

/** Finds an entry by its id, whole or as it is shown, its run_id, a part of one of them, or the name of a run that has one entry. */
function findEntry(entries: readonly TrashEntry[], id: string): TrashEntry {
  const whole = findEntryById(entries, id);
  if (whole !== null) return whole;
  const isPart = (text: string) => text.startsWith(id) || (isIdEnding(id) && text.endsWith(id));
  const ofRun = entries.filter(({ manifest: { run_id, run } }) => isPart(run_id) || run === id);
  const found = ofRun.filter(({ manifest: { cause } }) => cause === "cleanup" || cause === "gc");
  const [only, ...others] = found;
  if (only === undefined) throw tellNothing(id, ofRun, entries);
  if (others.length === 0) return only;
  throw refuseAmbiguous(id, found);
}

/** The trash may hold what stood where a run has published: that is no data of the run. */
function tellNothing(id: string, [other]: readonly TrashEntry[], entries: readonly TrashEntry[]): CliError {
  const names = entries.map(({ manifest }) => manifest.run);
  const nearest = didYouMean(id, names) ?? "`runweave trash list` lists what there is";
  const hint = other === undefined ? nearest : HINTS[other.manifest.cause](other);
  const what = other === undefined ? "nothing" : "no data";
  return new CliError("unknown-entry", `there is ${what} of "${id}" in the trash`, { hint });
}

const byId = ({ manifest: { id } }: TrashEntry) => `\`runweave trash restore ${id}\` puts it back`;

/** Hints at other entries of a run, by their cause. */
const HINTS: Readonly<Record<TrashCause, (entry: TrashEntry) => string>> = {
  cleanup: byId,
  gc: byId,
  "published-over": ({ manifest: { id, session_id } }) =>
    `\`runweave rollback ${session_id}\` puts back what it replaced; if that leaves it, \`runweave trash restore ${id}\` does`,
  rollback: (entry) => `the trash has what the roll-back of that session replaced: ${byId(entry)}`,
};
