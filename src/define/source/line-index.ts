/** Translates offsets of a text to lines and columns. */
export interface LineIndex {
  /** Line and column of an offset. Both count from 1, columns in UTF-16 units. */
  positionOf(offset: number): { line: number; column: number };
}

/** Looks for the line breaks only when the first position is asked for. */
export function createLineIndex(text: string): LineIndex {
  let starts: number[] | null = null;
  return {
    positionOf(offset) {
      starts ??= findLineStarts(text);
      const line = countStartsUpTo(starts, offset);
      return { line, column: offset - (starts[line - 1] ?? 0) + 1 };
    },
  };
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function countStartsUpTo(starts: number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return Math.max(low, 1);
}
