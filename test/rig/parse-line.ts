import { createProgram } from "../../src/cli/program.ts";

/** The words of a command line as a shell splits them, without its comment. */
function splitWords(line: string): string[] {
  const words = line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g);
  return [...words].map(([word]) => word.replaceAll(/["']/g, ""));
}

/** A line of a page or of the help, from `runweave` to a redirection, a closing bracket of the shell, or a comment. */
const LINE = /runweave (.*?)(?: *\)$| [>#|&].*| {3,}.*)?$/;

/**
 * Parses a command line that people are told to type, without carrying it out.
 *
 * @returns the name of its command; null if the line calls none of runweave's
 * @throws {CommanderError} if its command, an argument or an option is not there
 */
export async function parseLine(line: string): Promise<string | null> {
  const [, rest] = LINE.exec(line) ?? [];
  if (rest === undefined) return null;
  let called: string | null = null;
  const program = await createProgram(() => {});
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  for (const command of program.commands)
    command.action(() => {
      called = command.name();
    });
  await program.parseAsync(["node", "runweave", ...splitWords(rest)]);
  return called;
}
