import { RefusalError } from "../../../core/error/refusal-error.ts";
import { formatDiscard } from "../../../core/trash.ts";
import { findSavedVersion, type SavedVersion } from "../../../explain/find/find-saved-version.ts";
import { UnsafePathError } from "../../../versions/layout.ts";
import { findStrangePlace } from "../../kept-plan/own-place.ts";
import { type ActionContext, readRegistry, reportFound, type StateAddress } from "../context.ts";

/** A saved version, as a user names it. */
export interface DataRequest {
  /** `DATASET@RUN`, or an alias. */
  id: string;
  /** Session in which a run's name is looked for. */
  session?: string | undefined;
  /** Usage that an error of the notation shows. */
  usage?: string | undefined;
}

/**
 * Finds the data of a version that a run saved. Throws ExplainError if there is none of that name, RefusalError if it was
 * discarded, and UnsafePathError if its run can't have written where it lies.
 */
export function findData(
  address: StateAddress,
  { id, session, usage = "DATASET@RUN" }: DataRequest,
  context: ActionContext = {},
): SavedVersion {
  return readRegistry(address, context, (reader, state) => {
    const found = reportFound(context, findSavedVersion(reader, id, { session, usage }));
    const { run, run_id } = found.head;
    const [discard] = reader.discardsOf([run_id]);
    if (discard !== undefined)
      throw new RefusalError("version-collected", `what ${run} (${run_id}) saved ${formatDiscard(discard)}`);
    const strange = findStrangePlace({ [found.dataset]: found.version }, run_id, { registry: reader, folders: state });
    if (strange !== null) throw new UnsafePathError(strange);
    return found;
  });
}
