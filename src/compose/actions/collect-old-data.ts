import { RefusalError } from "../../core/error/refusal-error.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import type { Retention } from "../../explain/gc.ts";
import { openUpkeep } from "../../runners/index.ts";
import type { TrashEntry } from "../../versions/trash/trash.ts";
import { refuseMoved } from "../home/home-state.ts";
import { type CollectionPlan, collect, planCollection } from "../trash/collect-garbage.ts";
import { confirmStorage } from "../trash/confirm-storage.ts";
import { emptyTrash, type Undeleted } from "../trash/empty-trash.ts";
import { withRemoteStorage } from "../trash/open-remote-storage.ts";
import { listPresent } from "../trash/present-entries.ts";
import { COPIES_KEPT, COPY_AGE_MS, type JudgedCopies, judgeCopies } from "../trash/published-copies.ts";
import type { RemoteTrashContext } from "../trash/restore-trash.ts";
import { type ActionContext, freeWithRegistry, type StateAddress } from "./context.ts";

/** Data that are not needed any more. */
export interface CollectRequest {
  /** Number of newest successes whose data stay, for each run of each workflow. */
  keepLast?: number | undefined;
  /** Time before which data may be collected: ISO, UTC. */
  olderThan?: string | undefined;
  /** Number of newest copies to keep of each path of what publications replaced. Default: 3. */
  keepPublished?: number | undefined;
  /** Time before which such copies are deleted: ISO, UTC. Default: 30 days ago. */
  publishedOlderThan?: string | undefined;
  /** True to move the data; else only finds which would go. */
  yes?: boolean | undefined;
}

/** Copies of what publications replaced, by what becomes of them. */
export interface Copies extends JudgedCopies {
  undeleted: Undeleted[];
}

/** Data that were, or would be, collected, and those that stay, with reasons. */
export interface CollectedData {
  plan: CollectionPlan;
  copies: Copies;
  /** All that the trash holds now. */
  trash: TrashEntry[];
}

/**
 * Moves the data of old runs to the trash, on a full disk too; keeps everything that a kept run depends on. Throws RefusalError for a
 * request without a retention, RemoteStorageError, NotConfirmedError where remote data are reached by a project that the user may not have
 * recorded. Ends Kedro workers that no session finds.
 */
export async function collectOldData(
  address: StateAddress,
  request: CollectRequest,
  context: ActionContext = {},
): Promise<CollectedData> {
  const { keepLast = null, olderThan: since = null, yes = false } = request;
  if (keepLast === null && since === null) {
    const hint = "add --keep-last 5, --older-than 30d, or both: what one of them keeps stays";
    throw new RefusalError("missing-retention", "gc needs to know what to keep", hint);
  }
  const retention = { keepLast, since };
  return await freeWithRegistry(address, { ...context, act: "gc" }, (registry, folders) =>
    withRemoteStorage(
      { registry, folders, confirm: confirmStorage({ registry, folders, context }) },
      async (remote) => {
        refuseMoved({ registry, folders }, "gc");
        const trashContext = { ...context, folders, registry, clock: systemClock, remote };
        const planned = await telling(context, "looking for old data", () => planCollection(trashContext, retention));
        const plan = yes ? await carryOut(planned, { trashContext, retention, context }) : planned;
        const copies = await removeCopies(request, { trashContext, context });
        if (yes) await openUpkeep(folders).endLost();
        return { plan, copies, trash: listPresent({ registry, folders }).entries };
      },
    ),
  );
}

/** Does a step without interrupts: it is done as a whole, or the next call finishes it. */
async function telling<T>({ onStep }: ActionContext, step: string, work: () => Promise<T>): Promise<T> {
  onStep?.(step);
  return await work().finally(() => onStep?.(null));
}

interface Doing {
  trashContext: RemoteTrashContext;
  context: ActionContext;
}

/** Carries out a plan. Data that could not be moved are not reported as collected. */
async function carryOut(
  plan: CollectionPlan,
  { trashContext, retention, context }: Doing & { retention: Retention },
): Promise<CollectionPlan> {
  const { goes } = plan;
  const stays = await telling(context, `collecting ${goes.length} runs`, () =>
    collect(trashContext, { goes, retention }),
  );
  const staying = new Set([...stays.unreachable, ...stays.kept].map(({ run_id }) => run_id));
  return {
    ...plan,
    goes: goes.filter(({ run_id }) => !staying.has(run_id)),
    kept: [...plan.kept, ...stays.kept],
    unreachable: [...plan.unreachable, ...stays.unreachable],
  };
}

/** Deletes the copies that are past their retention; without `yes`, finds them. */
async function removeCopies(request: CollectRequest, { trashContext, context }: Doing): Promise<Copies> {
  const since = request.publishedOlderThan ?? formatTime(trashContext.clock.now() - COPY_AGE_MS);
  const { expired, kept } = judgeCopies(trashContext, { keepLast: request.keepPublished ?? COPIES_KEPT, since });
  if (!request.yes || expired.length === 0) return { expired, kept, undeleted: [] };
  const undeleted = await telling(context, `deleting ${expired.length} copies`, () =>
    emptyTrash(trashContext, expired),
  );
  const staying = new Set(undeleted.map(({ id }) => id));
  const isGone = ({ manifest }: TrashEntry) => !staying.has(manifest.id);
  return { expired: expired.filter(isGone), kept: [...kept, ...expired.filter((entry) => !isGone(entry))], undeleted };
}
