/**
 * A request that can't be carried out or answered as things are. `code` is stable, for scripts; `hint` says what to do
 * next. Each kind of refusal is a class of its own, so that callers can tell whether it was theirs.
 */
export class RefusalError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | null;

  constructor(code: Code, message: string, hint: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.name = "RefusalError";
    this.code = code;
    this.hint = hint;
  }
}
