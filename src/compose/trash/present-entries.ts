import type { RegistryReader } from "../../core/port/registry.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { PublishedFile, TrashItem, TrashManifest } from "../../core/trash-manifest.ts";
import {
  findEntry,
  findReadable,
  listTrash,
  readEntry,
  type TrashEntry,
  type TrashFault,
} from "../../versions/trash/trash.ts";

interface Place {
  registry: Pick<RegistryReader, "placeNow">;
  folders: Pick<StateFolders, "trash">;
}

/** Lists the trash as `listTrash` does, with the places of each entry as they are now that the project was renamed. */
export function listPresent({ registry, folders }: Place): { entries: TrashEntry[]; faults: TrashFault[] } {
  const { entries, faults } = listTrash(folders.trash);
  return { entries: entries.map((entry) => relocateEntry(registry, entry)), faults };
}

/** Reads one entry so. Throws TrashFaultError. */
export function readPresent({ registry, folders }: Place, id: string): TrashEntry {
  return relocateEntry(registry, readEntry(folders.trash, id));
}

/** Reads one entry so; null if there is none. Throws TrashFaultError. */
export function findPresent({ registry, folders }: Place, id: string): TrashEntry | null {
  const entry = findEntry(folders.trash, id);
  return entry === null ? null : relocateEntry(registry, entry);
}

/** Reads one entry so; null if there is none, or it can't be read. */
export function findReadablePresent({ registry, folders }: Place, id: string): TrashEntry | null {
  const entry = findReadable(folders.trash, id);
  return entry === null ? null : relocateEntry(registry, entry);
}

/** The manifest on the disk keeps its bytes, whose digest is on record. */
function relocateEntry(registry: Place["registry"], entry: TrashEntry): TrashEntry {
  const { time, items, published, folders } = entry.manifest;
  const move = (path: string) => registry.placeNow(path, time);
  const moveItem = (item: TrashItem) => ({ ...item, original: move(item.original) });
  const moveFile = (file: PublishedFile) => ({
    ...file,
    path: move(file.path),
    ...(file.made == null ? {} : { made: move(file.made) }),
  });
  const manifest: TrashManifest = { ...entry.manifest, items: items.map(moveItem) };
  if (published !== undefined) manifest.published = published.map(moveFile);
  if (folders !== undefined) manifest.folders = folders.map(move);
  return { ...entry, manifest };
}
