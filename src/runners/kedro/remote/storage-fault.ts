import { EnvironmentError } from "../../../core/error/environment-error.ts";
import { RemoteStorageError } from "../../../core/port/remote-storage.ts";
import { ProjectError } from "../workers/worker-errors.ts";

/** Awaits what a worker answers about remote storage; a fault that prevents it is a RemoteStorageError. */
export async function orStorageFault<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ProjectError || error instanceof EnvironmentError)) throw error;
    const hint = error.hint === null ? "" : ` (${error.hint})`;
    throw new RemoteStorageError(error.code, `${error.message}${hint}`, { cause: error });
  }
}
