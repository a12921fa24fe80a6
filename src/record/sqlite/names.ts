import type { NamedRun } from "../../core/port/name-questions.ts";
import type { TableStore } from "../table-store.ts";
import type { Connection } from "./connection.ts";

/** Sorts after every id that begins with what stands before it. */
const LAST_CHARACTER = "\u{10ffff}";

/** Each workflow and name is one search in an index. "\\" is the character after "[". */
const RUNS_NAMED = `
  WITH workflows AS (SELECT DISTINCT workflow FROM sessions),
    named AS (
      SELECT runs.* FROM workflows CROSS JOIN runs WHERE runs.workflow = workflows.workflow AND runs.run = ?
      UNION ALL
      SELECT runs.* FROM workflows CROSS JOIN runs WHERE runs.workflow = workflows.workflow AND runs.run > ? AND runs.run < ?
    )
  SELECT named.session_id, sessions.start_time AS session_time, named.run, named.run_id, named.status
  FROM named JOIN sessions USING (session_id) ORDER BY sessions.id DESC, named.id`;

/** Questions about names and ids. */
export function createNameQuestions({
  prepare,
}: Connection): Pick<TableStore, "runsNamed" | "runNames" | "idsBeginning" | "idsEnding"> {
  const idsWhere = (table: IdTable, condition: string, ...values: (string | number)[]) => {
    const id = ID_COLUMNS[table];
    const sql = `SELECT ${id} AS id FROM ${table} WHERE ${condition.replace("id", id)} ORDER BY ${id}`;
    return prepare(sql)
      .all(...values)
      .map((row) => String(row.id));
  };
  return {
    runsNamed: (name) => prepare(RUNS_NAMED).all(name, `${name}[`, `${name}\\`) as unknown as NamedRun[],
    runNames: () =>
      prepare("SELECT DISTINCT run FROM runs ORDER BY run")
        .all()
        .map((row) => String(row.run)),
    idsBeginning: (table, prefix) => {
      if (prefix === "") return [];
      const whole = idsWhere(table, "id = ?", prefix);
      return whole.length > 0 ? whole : idsWhere(table, "id BETWEEN ? AND ?", prefix, `${prefix}${LAST_CHARACTER}`);
    },
    idsEnding: (table, ending) => idsWhere(table, "substr(id, ?) = ?", -ending.length, ending),
  };
}

type IdTable = "sessions" | "attempts";
const ID_COLUMNS = { sessions: "session_id", attempts: "run_id" } as const;
