/** The environment is wrong: no Python, no network, or a folder in the way. Scripts end with exit code 3. */
export class SetUpError extends Error {
  readonly hint: string;
  readonly exitCode = 3;

  constructor(message: string, hint: string) {
    super(message);
    this.name = "SetUpError";
    this.hint = hint;
  }
}

/** Prints a set-up error in two lines, anything else with its stack, and gives the exit code of the script. */
export function reportScriptError(error: unknown): number {
  if (error instanceof SetUpError) {
    process.stderr.write(`error: ${error.message}\n  hint: ${error.hint}\n`);
    return error.exitCode;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
