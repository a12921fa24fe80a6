/**
 * Commands that read workflow files, or run what one says: they need nearly everything. It is in one file, which is read faster than
 * the hundred that it would be in pieces. All other commands are in pieces, and read a few of them.
 */
export const WHOLE_COMMANDS: ReadonlySet<string> = new Set([
  "doctor",
  "heal",
  "lock",
  "plan",
  "replay",
  "reproduce",
  "resume",
  "run",
  "simulate",
  "validate",
  "verify",
]);

/** The file of `dist` that has them. */
export const WHOLE_PROGRAM = "./whole-program.js";

/** The file of `dist` that has the command of these words. */
export function chooseProgram(words: readonly string[]): typeof WHOLE_PROGRAM | "./cli.js" {
  const command = words.find((word) => !word.startsWith("-"));
  return command !== undefined && WHOLE_COMMANDS.has(command) ? WHOLE_PROGRAM : "./cli.js";
}
