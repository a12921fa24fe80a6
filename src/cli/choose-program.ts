/**
 * Commands that need nearly all of the program: those that read or run workflow files, and `completion`, which lists the options of
 * all. Node reads one large file faster than a hundred small ones. All other commands are in small files, and read a few of them.
 */
export const WHOLE_COMMANDS: ReadonlySet<string> = new Set([
  "anchor",
  "completion",
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

/** The file of `dist` that has these commands. */
export const WHOLE_PROGRAM = "./whole-program.js";

/** The file of `dist` that has the command of these words. */
export function chooseProgram(words: readonly string[]): typeof WHOLE_PROGRAM | "./cli.js" {
  const command = findCommand(words);
  return command !== null && WHOLE_COMMANDS.has(command) ? WHOLE_PROGRAM : "./cli.js";
}

/** The command that is called, or whose help is asked for; null if there is none. */
export function findCommand(words: readonly string[]): string | null {
  const [first = null, second = null] = words.filter((word) => !word.startsWith("-"));
  return first === "help" ? second : first;
}
