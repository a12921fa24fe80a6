/** A command line; its meaning in a few words, unless it is clear. */
export type Example = [line: string, meaning?: string];

/** The end of a command's help: each example on a line of its own, with the meanings below each other. */
export function formatExamples(...examples: readonly Example[]): string {
  const width = Math.max(0, ...examples.map(([line, meaning]) => (meaning === undefined ? 0 : line.length)));
  const lines = examples.map(([line, meaning]) =>
    meaning === undefined ? `  $ ${line}` : `  $ ${line.padEnd(width)}   ${meaning}`,
  );
  return `\n${examples.length === 1 ? "Example" : "Examples"}:\n${lines.join("\n")}\n`;
}
