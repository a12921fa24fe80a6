/** A table in a few figures. */
export interface TableSummary {
  rows: number;
  columns: Record<string, ColumnSummary>;
}

export type ColumnSummary =
  | { type: "number"; missing: number; min: number; max: number; mean: number }
  | { type: "text"; missing: number; distinct: number };
