import { foldLine } from "../fold-line.ts";

/** Folds text that comes in pieces to the width of a terminal. */
export interface OutputFolder {
  /** The whole lines of what has come; the beginning of another line is kept back. */
  write(text: string): string;
  /** The beginning of a line, for a reader who is not to wait for its end: that line is not folded. */
  flush(): string;
  /** The rest. */
  end(): string;
}

/** A folder whose lines have at most `columns`, apart from long words and from lines with tabs, which have no width of their own. */
export function createOutputFolder(columns: number): OutputFolder {
  let begun = "";
  let isShown = false;
  const fold = (line: string) => {
    const folded = isShown || line.includes("\t") ? line : foldLine(line, columns).join("\n");
    isShown = false;
    return folded;
  };
  return {
    write: (text) => {
      const lines = `${begun}${text}`.split("\n");
      begun = lines.pop() ?? "";
      return lines.map((line) => `${fold(line)}\n`).join("");
    },
    flush: () => {
      const text = begun;
      begun = "";
      isShown ||= text !== "";
      return text;
    },
    end: () => {
      const text = begun;
      begun = "";
      return text === "" ? "" : fold(text);
    },
  };
}
