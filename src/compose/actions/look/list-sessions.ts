import type { SessionFilter, SessionSummary } from "../../../core/port/registry-lists.ts";
import { listPages } from "../../../explain/list-pages.ts";
import { type OwnerState, ownerOf } from "../../session/session-lease.ts";
import { type ActionContext, readRegistryAsync, type StateAddress } from "../context.ts";

/** A session without its runs. `owner` is the state of the process that owns a running session; null for a session that has ended. */
export interface ListedSession extends SessionSummary {
  owner: OwnerState | null;
}

/** Reads sessions page by page, newest first; a page is read when `take` asks for it. Throws ExplainError if there is no registry. */
export async function listSessions(
  address: StateAddress,
  { limit, ...filter }: SessionFilter,
  take: (pages: IteratorObject<ListedSession[]>) => Promise<void> | void,
  context: ActionContext = {},
): Promise<void> {
  await readRegistryAsync(address, context, async (reader) => {
    const pages = listPages((page) => reader.sessionPage(filter, page), limit);
    await take(pages.map((page) => page.map((session) => ({ ...session, owner: ownerOf(reader, session) }))));
  });
}
