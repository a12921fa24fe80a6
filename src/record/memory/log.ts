import type { RunEvent } from "../../core/event/event.ts";
import type { ChainScope } from "../../core/port/registry.ts";
import type { LoggedEvent } from "../../core/port/session-log.ts";
import { type ChainHead, hashLink, type LoggedLink, toEvent, toLogged } from "../chain.ts";

const ENDS: ReadonlySet<string> = new Set(["run.resolved", "run.succeeded", "run.failed"]);
const STATEMENTS: ReadonlySet<string> = new Set([
  ...["alias.set", "alias.removed"],
  ...["version.tainted", "version.cleared", "version.confirmed", "version.replaced"],
]);

/** The log of events in the memory of this process. */
export interface MemoryLog {
  /** Returns the event's number and hash. */
  append(event: RunEvent): ChainHead;
  read(position?: { after?: number; session?: string | undefined }): Iterable<LoggedEvent>;
  links(scope: ChainScope): Iterable<LoggedLink>;
  head(): ChainHead | null;
  length(): number;
  /** Forgets what came later. */
  cut(length: number): void;
}

export function createMemoryLog(): MemoryLog {
  const log: LoggedLink[] = [];
  return {
    append: (event) => {
      const last = log.at(-1);
      const logged = toLogged(event, log.length + 1);
      const previous = last?.hash ?? null;
      const hash = hashLink(logged, previous);
      log.push({ ...logged, hash, previous, previous_seq: last?.seq ?? null });
      return { seq: logged.seq, hash };
    },
    *read({ after = 0, session } = {}) {
      // The log may grow while it is read.
      for (let at = after; at < log.length; at += 1) {
        const link = log[at];
        if (link !== undefined && (session === undefined || link.session_id === session))
          yield { seq: link.seq, event: toEvent(link) };
      }
    },
    *links({ session, run, statements }) {
      for (const link of log) {
        const isOfRun = run === undefined || (link.run_id === run && ENDS.has(link.type));
        const isStatement = statements === undefined || STATEMENTS.has(link.type);
        if (isOfRun && isStatement && (session === undefined || link.session_id === session)) yield link;
      }
    },
    head: () => {
      const last = log.at(-1);
      return last?.hash == null ? null : { seq: last.seq, hash: last.hash };
    },
    length: () => log.length,
    cut: (length) => {
      log.length = length;
    },
  };
}
