import type { HoldRow, HoldRows } from "../hold-rows.ts";

/** The holds in the memory of this process. */
export function createMemoryHolds(): HoldRows {
  let rows: HoldRow[] = [];
  let lastSeq = 0;
  return {
    all: () => [...rows],
    add: (row) => {
      rows.push({ ...row, seq: ++lastSeq });
    },
    change: (seq, set) => {
      rows = rows.map((row) => (row.seq === seq ? { ...row, ...set } : row));
    },
    remove: (seq) => {
      rows = rows.filter((row) => row.seq !== seq);
    },
  };
}
