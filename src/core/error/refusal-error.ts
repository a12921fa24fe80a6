import type { Problem } from "./problem.ts";

/**
 * A request that can't be carried out or answered as things are. `code` is stable, for scripts; `hint` says what to do
 * next. Refusals that callers have to tell apart are classes of their own.
 */
export class RefusalError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | null;
  /** The reasons one by one, where there may be several. */
  readonly problems: readonly Problem[] = [];

  constructor(code: Code, message: string, hint: string | null = null, options?: ErrorOptions) {
    super(message, options);
    this.name = "RefusalError";
    this.code = code;
    this.hint = hint;
  }
}
