/** A question that has no answer, said so that it can be asked better. */
export class ExplainError extends Error {
  readonly code: string;
  readonly hint: string | null;

  constructor(code: string, message: string, hint: string | null = null) {
    super(message);
    this.name = "ExplainError";
    this.code = code;
    this.hint = hint;
  }
}
