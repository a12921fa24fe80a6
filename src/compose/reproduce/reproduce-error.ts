import { RefusalError } from "../../core/error/refusal-error.ts";

/** A run can't be done again as it was. `code` is stable, for scripts. */
export class ReproduceError extends RefusalError {}
