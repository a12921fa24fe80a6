import { RemoteStorageError } from "../core/port/remote-storage.ts";
import { CliError } from "./errors.ts";

/** Remote data are out of reach: nothing of the machine here is at fault, but nothing can be done without them. */
export function tellStorage(error: unknown): unknown {
  if (!(error instanceof RemoteStorageError)) return error;
  const hint = "call it again to do the rest";
  return new CliError("storage-failed", error.message, { hint, exitCode: 3, cause: error });
}
