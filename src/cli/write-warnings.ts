import type { Problem } from "../core/error/problem.ts";
import { writeProblems } from "./terminal.ts";

/** Messages that this command line has written already: a command may open its registry more than once. */
const written = new Set<string>();

/** Writes warnings about a state folder, each once. */
export function writeWarnings(warnings: readonly Problem[]): void {
  const fresh = warnings.filter(({ message }) => !written.has(message));
  for (const { message } of fresh) written.add(message);
  writeProblems(process.stderr, fresh);
}

/** Another command line begins in this process. */
export function forgetWarnings(): void {
  written.clear();
}
