import { realpathSync } from "node:fs";
import type { RunId } from "../../core/run-id.ts";
import type { TrashManifest } from "../../core/trash-manifest.ts";
import { isInScope, type OwnScope } from "../../versions/own-places.ts";
import { type HomeContext, isFromHere, readHomeState } from "./home-state.ts";

/**
 * Returns the places where an attempt may have data of its own. An attempt from before the folder was copied names the
 * original's places. Only its data below the present root are this folder's.
 */
export function scopeOf(context: HomeContext, run: RunId): OwnScope {
  const { registry, folders } = context;
  const state = readHomeState(context);
  if (isFromHere(registry, state, { run })) return { within: null, except: state.strangers };
  return { within: realpathSync(folders.root), except: [] };
}

/** True if everything that an entry of the trash names may be touched: its items, and the places they go back to. */
export function isOwnEntry(context: HomeContext, { manifest }: { manifest: TrashManifest }): boolean {
  const scope = scopeOfEntry(context, manifest);
  return manifest.items.every(({ kind, original }) =>
    kind === "remote" ? scope.within === null : isInScope(original, scope),
  );
}

/** A publication may be of a run that was reused, and is its session's. */
function scopeOfEntry(context: HomeContext, { cause, run_id, session_id }: TrashManifest): OwnScope {
  if (cause === "cleanup" || cause === "gc") return scopeOf(context, run_id);
  const state = readHomeState(context);
  const isHere = isFromHere(context.registry, state, { session: session_id });
  return isHere
    ? { within: null, except: state.strangers }
    : { within: realpathSync(context.folders.root), except: [] };
}
