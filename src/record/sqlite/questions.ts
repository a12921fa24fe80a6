import type { RunId } from "../../core/run-id.ts";
import type { LoadRow, VersionRow, WriteRow } from "../rows.ts";
import type { TableStore } from "../table-store.ts";
import type { Connection } from "./connection.ts";

const PAGE = 1000;

/** Each question is one search in an index, however large the registry. */
export function versionQuestions({
  prepare,
}: Connection): Pick<TableStore, "writersBefore" | "adoptedAs" | "versionsOfContent"> {
  const before = "SELECT run_id FROM versions WHERE dataset = ? AND run_id < ? ORDER BY run_id DESC LIMIT ?";
  // "." is the character after "-".
  const adopted = "SELECT * FROM versions WHERE run_id > ? AND run_id < ? AND version = ? ORDER BY id";
  // "A" is the character after "@".
  const ofContent = `SELECT * FROM versions WHERE hash = ? AND (dataset = ? OR (dataset > ? AND dataset < ?))
    ORDER BY run_id, dataset`;
  return {
    writersBefore: (questions, limit) =>
      questions.map(({ dataset, run_id }) =>
        prepare(before).collect((row) => row.run_id as RunId, dataset, run_id, limit),
      ),
    adoptedAs: (versions) =>
      versions.flatMap((name) => prepare(adopted).all(`${name}-`, `${name}.`, name) as VersionRow[]),
    versionsOfContent: (contents) =>
      contents.flatMap(
        ({ dataset, hash }) => prepare(ofContent).all(hash, dataset, `${dataset}@`, `${dataset}A`) as VersionRow[],
      ),
  };
}

interface WriteQuestion {
  location: string;
  folders: readonly string[];
  until: string;
}

export function lastWrite({ prepare }: Connection, { location, folders, until }: WriteQuestion): WriteRow | undefined {
  const at = prepare("SELECT * FROM writes WHERE location = ? AND time <= ? ORDER BY time DESC, id DESC LIMIT 1");
  // "0" is the character after "/".
  const below = prepare(
    "SELECT * FROM writes WHERE location > ? AND location < ? AND time <= ? ORDER BY time DESC, id DESC LIMIT 1",
  );
  const found = [
    ...[location, ...folders].map((path) => at.get(path, until)),
    below.get(`${location}/`, `${location}0`, until),
  ];
  const rows = found.filter((row) => row !== undefined) as (WriteRow & { id: number })[];
  return rows.sort((a, b) => (a.time === b.time ? b.id - a.id : a.time < b.time ? 1 : -1))[0];
}

/** Page by page, as the log is read. */
export function* readLoads(connection: Connection): Generator<LoadRow> {
  let last = 0;
  for (;;) {
    const rows = connection
      .prepare("SELECT * FROM loads WHERE id > ? ORDER BY id LIMIT ?")
      .all(last, PAGE) as (LoadRow & { id: number })[];
    yield* rows;
    last = rows.at(-1)?.id ?? last;
    if (rows.length < PAGE) return;
  }
}
