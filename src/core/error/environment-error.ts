/** A fault of a machine, or of a project that a worker was asked about. */
export interface Complaint {
  /** Stable, for scripts: `kedro-missing`, `python-missing`, ... */
  code: string;
  message: string;
  /** Advice on what to do next. */
  hint: string | null;
  /** Python's traceback, for people; null if there is none. */
  traceback: string | null;
}

/** The machine lacks something that the work needs (no Python, no Kedro, too old a Node): exit code 3. */
export class EnvironmentError extends Error {
  readonly code: string;
  readonly hint: string | null;
  readonly traceback: string | null;

  constructor({ code, message, hint, traceback }: Complaint, options?: ErrorOptions) {
    super(message, options);
    this.name = "EnvironmentError";
    this.code = code;
    this.hint = hint;
    this.traceback = traceback;
  }
}

/** Returns the error without a traceback. */
export function environmentError(code: string, message: string, hint: string): EnvironmentError {
  return new EnvironmentError({ code, message, hint, traceback: null });
}
