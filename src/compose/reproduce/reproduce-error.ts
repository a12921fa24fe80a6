/** A run can't be done again as it was. `code` is stable, for scripts. */
export class ReproduceError extends Error {
  readonly code: string;
  readonly hint: string | null;

  constructor(code: string, message: string, hint: string | null = null) {
    super(message);
    this.name = "ReproduceError";
    this.code = code;
    this.hint = hint;
  }
}
