import { RefusalError } from "../core/error/refusal-error.ts";

/** A question that has no answer, said so that it can be asked better. */
export class ExplainError extends RefusalError {}
