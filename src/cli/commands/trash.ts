import { countBytes } from "../../compose/trash/discard-attempt.ts";
import { emptyTrash } from "../../compose/trash/empty-trash.ts";
import { withRemoteStorage } from "../../compose/trash/open-remote-storage.ts";
import { restoreEntry } from "../../compose/trash/restore-trash.ts";
import { systemClock } from "../../core/clock.ts";
import type { TrashItem, TrashManifest } from "../../core/trash-manifest.ts";
import { cleanText } from "../../report/clean-text.ts";
import { formatBytes } from "../../report/duration.ts";
import { renderTrash } from "../../report/trash-table.ts";
import { PlaceTakenError } from "../../versions/move-path.ts";
import { listTrash, type TrashEntry } from "../../versions/trash.ts";
import { TrashFaultError } from "../../versions/trash-manifest.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { type RegistryFlag, readRegistry, writeRegistry } from "../open-registry.ts";
import { showWait } from "../show-wait.ts";
import { tellStorage } from "../tell-storage.ts";
import { lookOf, writeJson, writeLines } from "../terminal.ts";

export type TrashAction = "list" | "restore" | "empty";

export interface TrashFlags extends RegistryFlag {
  olderThan?: string;
  yes?: boolean;
  json?: boolean;
}

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
      return await empty(flags);
    default:
      return action satisfies never;
  }
}

function showTrash(flags: TrashFlags): ExitCode {
  const { entries, faults } = readRegistry(flags, (_, { trash }) => listTrash(trash));
  if (flags.json) {
    writeJson({ entries: entries.map(toJson), faults });
    return 0;
  }
  writeLines(process.stdout, renderTrash(entries.map(toRow), lookOf(process.stdout)));
  writeLines(
    process.stderr,
    faults.map(({ message }) => cleanText(`not an entry: ${message}`)),
  );
  return 0;
}

async function restore(id: string | undefined, flags: TrashFlags): Promise<ExitCode> {
  if (id === undefined) {
    throw new CliError("missing-id", "what is to be restored?", { hint: "`runweave trash list` lists what there is" });
  }
  return await writeRegistry<ExitCode>(flags, async (registry, folders) => {
    const found = findEntry(listTrash(folders.trash).entries, id);
    try {
      const entry = await withRemoteStorage(folders, (remote) =>
        restoreEntry({ folders, registry, clock: systemClock, remote, onWait: showWait }, found.manifest.id),
      );
      if (flags.json) writeJson({ restored: toJson(entry) });
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

/** By id, by run_id or its beginning, or by the name of a run of which one entry is there. */
function findEntry(entries: readonly TrashEntry[], id: string): TrashEntry {
  const whole = entries.find(({ manifest }) => manifest.id === id);
  if (whole !== undefined) return whole;
  const restorable = entries.filter(({ manifest: { cause } }) => cause === "cleanup" || cause === "gc");
  const found = restorable.filter(({ manifest: { run_id, run } }) => run_id.startsWith(id) || run === id);
  const [only, ...others] = found;
  if (only === undefined) {
    const hint = "`runweave trash list` lists what there is";
    throw new CliError("unknown-entry", `there is nothing of "${id}" in the trash`, { hint });
  }
  if (others.length === 0) return only;
  const hint = `name one of them: ${found.map(({ manifest }) => manifest.id).join(", ")}`;
  throw new CliError("ambiguous-id", `${found.length} entries of the trash are of "${id}"`, { hint });
}

async function empty({ olderThan, yes, json, registry }: TrashFlags): Promise<ExitCode> {
  return await writeRegistry<ExitCode>({ registry }, async (registry, folders) => {
    const entries = listTrash(folders.trash).entries.filter(
      ({ manifest }) => olderThan === undefined || manifest.time < olderThan,
    );
    const bytes = countBytes(entries.flatMap(({ manifest }) => manifest.items));
    if (yes) {
      await withRemoteStorage(folders, (remote) =>
        emptyTrash({ folders, registry, clock: systemClock, remote, onWait: showWait }, entries),
      ).catch((error) => {
        throw tellStorage(error);
      });
    }
    if (json) writeJson({ deleted: yes ?? false, bytes, entries: entries.map(toJson) });
    else {
      writeLines(process.stdout, entries.length === 0 ? [] : renderTrash(entries.map(toRow), lookOf(process.stdout)));
      const what = `${entries.length} ${entries.length === 1 ? "entry" : "entries"}, ${formatBytes(bytes)}`;
      writeLines(process.stdout, [yes ? `deleted ${what}` : `would delete ${what}; \`--yes\` does`]);
    }
    return 0;
  });
}

function toRow({ manifest }: TrashEntry) {
  const { id, run, time, reason, items } = manifest;
  return { id, run, time, reason, bytes: countBytes(items) };
}

interface EntryJson extends Omit<TrashManifest, "format" | "items"> {
  bytes: number | null;
  items: Omit<TrashItem, "name">[];
}

function toJson({ manifest }: TrashEntry): EntryJson {
  const { format: _, items, ...about } = manifest;
  const places = items.map(({ original, kind, bytes, hash }) => ({ original, kind, bytes, hash }));
  return { ...about, bytes: countBytes(items), items: places };
}
