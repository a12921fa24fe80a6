/** The machine lacks something that the work needs (no Python, no Kedro, a project that can't be imported): exit code 3. */
export class EnvironmentError extends Error {
  /** Stable, for scripts: `KEDRO_MISSING`, `python-not-found`, ... */
  readonly code: string;
  /** What to do next. */
  readonly hint: string | null;
  /** Of the process that failed, where there is one. */
  readonly traceback: string | null;

  constructor(
    code: string,
    message: string,
    details: { hint?: string | null; traceback?: string | null; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "EnvironmentError";
    this.code = code;
    this.hint = details.hint ?? null;
    this.traceback = details.traceback ?? null;
  }
}
