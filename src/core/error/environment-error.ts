/** What is said against a machine, or against a project that a worker was asked about. */
export interface Complaint {
  /** Stable, for scripts: `kedro-missing`, `python-missing`, ... */
  code: string;
  message: string;
  /** What to do next. */
  hint: string | null;
  /** What Python said, for people; null where there is none. */
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
