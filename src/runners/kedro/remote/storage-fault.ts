import { EnvironmentError } from "../../../core/error/environment-error.ts";
import { RemoteStorageError } from "../../../core/port/remote-storage.ts";
import { ProjectError } from "../workers/worker-errors.ts";

/** What a worker is asked about remote storage; what keeps it from answering is a RemoteStorageError. */
export async function orStorageFault<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ProjectError || error instanceof EnvironmentError)) throw error;
    const hint = error.hint === null ? "" : ` (${error.hint})`;
    throw new RemoteStorageError(error.code, `${error.message}${hint}`, { cause: error });
  }
}
