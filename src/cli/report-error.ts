import type { Problem } from "../core/error/problem.ts";
import { cleanText } from "../report/text/clean-text.ts";
import { toProblemJson } from "./answers/problem-json.ts";
import { writeLines, writeProblems } from "./terminal.ts";
import { writeAnswer } from "./write-answer.ts";

/** Error as people and scripts are told. */
export interface ToldError {
  code: string;
  message: string;
  hint: string | null;
  problems: readonly Problem[];
}

/** Writes the reason why a command ends to stderr; with `--json`, also as an answer to stdout. */
export function reportError({ code, message, hint, problems }: ToldError, json: boolean): void {
  if (json) writeAnswer("error", { code, message, hint, problems: problems.map(toProblemJson) });
  writeProblems(process.stderr, problems);
  if (problems.length === 0)
    writeLines(process.stderr, cleanLines(`error[${code}]  ${message}${hint === null ? "" : `\n  hint: ${hint}`}`));
}

/** Splits messages into lines without control characters: messages repeat texts of users, files and registries. */
export function cleanLines(text: string): string[] {
  return text.split("\n").map(cleanText);
}
