/** Largest difference at which two versions of a dataset still count as equal. */
export interface Leniency {
  /** Relative and absolute, of numbers; 0 for none. */
  tolerance: number;
  /** Rows of tables and items of lists may stand in any order. */
  ignoreRowOrder: boolean;
}
