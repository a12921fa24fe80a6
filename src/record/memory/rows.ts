import { compareText } from "../../core/text/compare-text.ts";
import { type Change, failUpdate } from "../projection/change.ts";
import { type Row, type Rows, TABLE_KEYS, type TableName } from "../rows.ts";
import type { MemoryLog } from "./log.ts";

/** A row with its place in the order of insertion. */
export type Stored<R extends Row = Row> = R & { id: number };

/** Rows by their owner, the value of the table's grouping column, then by their whole key. */
type Table = Map<string, Map<string, Stored>>;

/** Place of one row. */
interface Place {
  table: Table;
  owner: string;
  key: string;
}

/** Takes back a change, so that a refused batch leaves no row behind. */
type Undo = () => void;

/** Rows of all tables, grouped by their owner. A batch that is refused changes no row. */
export class MemoryTables {
  #tables = Object.fromEntries(Object.keys(TABLE_KEYS).map((name) => [name, new Map()])) as Record<TableName, Table>;
  #undo: Undo[] = [];
  #lastId = 0;

  writeAtomically(log: MemoryLog, work: () => void): void {
    const logged = log.length();
    this.#undo = [];
    try {
      work();
    } catch (error) {
      for (const undo of this.#undo.reverse()) undo();
      log.cut(logged);
      throw error;
    }
  }

  apply(change: Change): void {
    switch (change.kind) {
      case "insert":
        this.#insert(change.table, change.row);
        break;
      case "merge":
        this.#merge(change);
        break;
      case "update":
        this.#update(change);
        break;
    }
  }

  all<T extends TableName>(table: T): Stored<Rows[T]>[] {
    return [...this.#tables[table].values()].flatMap((rows) => [...rows.values()] as unknown as Stored<Rows[T]>[]);
  }

  rowsOf<T extends TableName>(table: T, owner: string): Stored<Rows[T]>[] {
    return [...(this.#tables[table].get(owner)?.values() ?? [])] as unknown as Stored<Rows[T]>[];
  }

  find<T extends TableName>(table: T, key: Row): Stored<Rows[T]> | undefined {
    return read(this.#placeOf(table, key)) as Stored<Rows[T]> | undefined;
  }

  selectIn<T extends TableName>(table: T, column: keyof Rows[T] & string, values: readonly string[]): Rows[T][] {
    if (column === ownerColumn(table)) return values.flatMap((value) => this.rowsOf(table, value));
    return values.flatMap((value) =>
      this.all(table)
        .filter((row) => row[column] === value)
        .sort((a, b) => a.id - b.id),
    );
  }

  /** Rows by their places in the order of insertion, in the order that they are asked for. */
  numbered<T extends TableName>(table: T, numbers: readonly number[]): Rows[T][] {
    const rows = new Map(this.all(table).map((row) => [row.id, row]));
    return numbers.flatMap((number) => rows.get(number) ?? []);
  }

  idsBeginning(table: TableName, prefix: string): string[] {
    if (this.#tables[table].has(prefix)) return [prefix];
    return this.ids(table).filter((id) => prefix !== "" && id.startsWith(prefix));
  }

  /** The name of the column of ids, in a table that is grouped by them. */
  ids(table: TableName): string[] {
    return [...this.#tables[table].keys()].sort(compareText);
  }

  #insert(table: TableName, row: Row): void {
    const place = this.#placeOf(table, row);
    if (read(place) !== undefined) throw new Error(`${table} ${place.key} is there already`);
    this.#put(place, { ...row, id: ++this.#lastId });
  }

  #merge({ table, row, overwrite }: Change & { kind: "merge" }): void {
    const place = this.#placeOf(table, row);
    const before = read(place);
    const changed = Object.fromEntries(overwrite.map((column) => [column, row[column] ?? null]));
    if (before === undefined) this.#insert(table, row);
    else this.#put(place, { ...before, ...changed });
  }

  #update(change: Change & { kind: "update" }): void {
    const place = this.#placeOf(change.table, change.key);
    const row = read(place);
    if (row === undefined || !agrees(row, change.expect)) failUpdate(change);
    else this.#put(place, { ...row, ...change.set });
  }

  #placeOf(table: TableName, row: Row): Place {
    const columns = TABLE_KEYS[table];
    const key = columns.length === 0 ? `#${this.#lastId + 1}` : JSON.stringify(columns.map((column) => row[column]));
    return { table: this.#tables[table], owner: String(row[ownerColumn(table)]), key };
  }

  #put(place: Place, row: Stored): void {
    const before = read(place);
    const rows = place.table.get(place.owner) ?? new Map<string, Stored>();
    place.table.set(place.owner, rows.set(place.key, row));
    this.#undo.push(() => {
      if (before !== undefined) rows.set(place.key, before);
      else if (rows.delete(place.key) && rows.size === 0) place.table.delete(place.owner);
    });
  }
}

const BY_SESSION: ReadonlySet<TableName> = new Set(["sessions", "runs", "requests", "formers", "compensations"]);

function ownerColumn(table: TableName): "session_id" | "run_id" | "digest" {
  if (table === "environments") return "digest";
  return BY_SESSION.has(table) ? "session_id" : "run_id";
}

function read(place: Place): Stored | undefined {
  return place.table.get(place.owner)?.get(place.key);
}

function agrees(row: Row, expected: Row): boolean {
  return Object.entries(expected).every(([column, value]) => row[column] === value);
}
