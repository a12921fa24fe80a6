import { isSystemError } from "../../core/error/system-error.ts";
import { RemoteStorageError } from "../../core/port/remote-storage.ts";
import { NotDataError } from "../../versions/data-kind.ts";
import { UnsafePathError } from "../../versions/layout.ts";
import { MoveChangedError, PlaceTakenError } from "../../versions/move-path.ts";
import { TrashFaultError } from "../../versions/trash/trash-manifest.ts";
import { RemovalError } from "../../versions/tree/remove-tree.ts";

/** Faults of one entry's own data. */
const OF_ENTRY = [
  RemoteStorageError,
  TrashFaultError,
  RemovalError,
  PlaceTakenError,
  MoveChangedError,
  NotDataError,
  UnsafePathError,
];

/** System errors that the next entry would meet too, as a resource of the machine is used up. */
const OF_MACHINE = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "ENOMEM"]);

/**
 * Tells what is wrong with the data of one entry of the trash, or of one attempt, so that the others can be gone on with. Null for every other
 * fault, which its caller throws.
 */
export function describeEntryFault(error: unknown): string | null {
  if (OF_ENTRY.some((kind) => error instanceof kind)) return (error as Error).message;
  return isSystemError(error) && !OF_MACHINE.has(error.code ?? "") ? error.message : null;
}
