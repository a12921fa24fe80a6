import { listRecorded, type MovedPlaces, relocateVersion, toPresent } from "./moved-places.ts";
import type { AttemptRow, PinRow, Rows, TableName, VersionRow } from "./rows.ts";
import type { TableStore } from "./table-store.ts";

/** Columns with places of the project, by table. Those of versions and pins are more than that. */
const PLACES: { readonly [T in TableName]?: readonly (keyof Rows[T] & string)[] } = {
  sessions: ["workflow_file", "project_path"],
  attempts: ["outputs_location"],
  loads: ["location"],
  publications: ["location"],
  formers: ["location"],
};

/**
 * The tables as they are to be read after the project was renamed: what was recorded at a former place is told at the present one, and
 * found by it. The tables and the log themselves stay as they are, so changes are made without this.
 */
export function relocateTables(store: TableStore, moved: MovedPlaces): TableStore {
  const move =
    <T extends TableName>(table: T) =>
    (row: Rows[T]) =>
      relocateRow(moved, table, row);
  const orNone = <T extends TableName>(table: T, row: Rows[T] | undefined) => row && move(table)(row);
  return {
    ...store,
    selectNumbered: (table, numbers) => store.selectNumbered(table, numbers).map(move(table)),
    selectIn: (table, column, values) => store.selectIn(table, column, values).map(move(table)),
    selectAttempts: (runs) => store.selectAttempts(runs).map(move("attempts")),
    adoptedAs: (versions) => store.adoptedAs(versions).map(move("versions")),
    versionsOfContent: (contents) => store.versionsOfContent(contents).map(move("versions")),
    readLoads: () => Iterator.from(store.readLoads()).map(move("loads")),
    findSessionRow: (sessionId) => orNone("sessions", store.findSessionRow(sessionId)),
    lastWrite: (location, folders, until) => {
      const [at, above] = [listRecorded(moved, location), folders.flatMap((folder) => listRecorded(moved, folder))];
      const writes = at.flatMap((path) => store.lastWrite(path, above, until) ?? []);
      return writes.sort((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
    },
    latestFingerprinted: ({ workflow, workflow_file: file }, run) => {
      const files = file === null ? [null] : listRecorded(moved, file);
      const found = files.flatMap((path) => store.latestFingerprinted({ workflow, workflow_file: path }, run) ?? []);
      const seqOf = ({ session_id, run }: AttemptRow) => store.findRunRow(session_id, run)?.moment_seq ?? 0;
      return found.sort((a, b) => seqOf(a) - seqOf(b)).at(-1);
    },
  };
}

function relocateRow<T extends TableName>(moved: MovedPlaces, table: T, row: Rows[T]): Rows[T] {
  const { run_id, session_id } = row as { run_id?: string | null; session_id?: string };
  const moment = run_id ?? session_id ?? "";
  if (table === "versions") return relocateVersionRow(moved, row as VersionRow, moment) as Rows[T];
  if (table === "pins") return relocatePin(moved, row as PinRow) as Rows[T];
  const places = (PLACES[table] ?? []).flatMap((column) => {
    const path: unknown = row[column];
    return typeof path === "string" ? [[column, toPresent(moved, path, moment)]] : [];
  });
  return places.length === 0 ? row : { ...row, ...Object.fromEntries(places) };
}

function relocateVersionRow(moved: MovedPlaces, row: VersionRow, moment: string): VersionRow {
  const entry = row.entry === null ? null : JSON.parse(row.entry);
  const { location, plain_location, entry: present } = relocateVersion(moved, { ...row, beside: [], entry }, moment);
  return { ...row, location, plain_location, entry: present === null ? null : JSON.stringify(present) };
}

/** A pin of a file names its path. */
function relocatePin(moved: MovedPlaces, row: PinRow): PinRow {
  const { rule, from_dataset: path, run_id } = row;
  return rule === "file" && path !== null ? { ...row, from_dataset: toPresent(moved, path, run_id) } : row;
}
