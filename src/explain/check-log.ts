import type { ChainLink } from "../core/port/registry.ts";
import type { Finding } from "./certificate.ts";

/** The whole log, link by link. */
export interface LogReport {
  events: number;
  /** Number of events that were logged before events had hashes. */
  unsealed: number;
  /** The hash that stands for everything up to now: who notes it down can tell later whether anything was changed. */
  head: string | null;
  findings: Finding[];
  /** The number of the event that has `expected` as its hash; null if none has, or none was expected. */
  found: number | null;
}

export interface LogExpectations {
  /** Hash that an event has to have. */
  expected: string | null;
  /** True if events without a hash are no fault, as in a registry from before events had hashes. */
  allowsUnsealed: boolean;
}

/** The last event of a log, and the last one that was written. */
interface LogEnd {
  last: { seq: number; hash: string | null } | null;
  head: { seq: number; hash: string } | null;
}

/** Judges the links of a log, which `take` gets one after the other. */
export function createLogCheck({ expected, allowsUnsealed }: LogExpectations): {
  take(link: ChainLink): void;
  end(end: LogEnd): LogReport;
} {
  const findings: Finding[] = [];
  let [events, unsealed] = [0, 0];
  let found: number | null = null;
  return {
    take: ({ seq, hash, fault }) => {
      events += 1;
      if (fault !== null) findings.push(linkFault({ seq, fault }));
      else if (hash === null) unsealed += 1;
      if (expected !== null && hash === expected) found = seq;
    },
    end: ({ last, head }) => {
      const rest = [
        ...judgeEnd({ last, head }, allowsUnsealed),
        ...(unsealed > 0 ? [describeUnsealed(unsealed, allowsUnsealed)] : []),
        ...(expected !== null && found === null ? [describeUnexpected(expected)] : []),
      ];
      return { events, unsealed, head: head?.hash ?? null, findings: [...findings, ...rest], found };
    },
  };
}

/** The finding for an event that is not what was logged there. */
export function linkFault({ seq, fault }: { seq: number; fault: string }): Finding {
  return broken("log-broken", `event ${seq} of the log can't be trusted: ${fault}`, seq);
}

function judgeEnd({ last, head }: LogEnd, allowsUnsealed: boolean): Finding[] {
  if (last?.seq === head?.seq && last?.hash === head?.hash) return [];
  const seq = last?.seq ?? 0;
  if (head === null) {
    if (last?.hash === null && allowsUnsealed) return [];
    return [
      broken(
        "log-cut",
        "the registry does not say which event was the last: events may be gone from the end of the log",
        seq,
      ),
    ];
  }
  const message =
    seq < head.seq
      ? `events ${seq + 1} to ${head.seq} of the log are gone`
      : `the log ends with event ${seq}, but the last that was written is ${head.seq}`;
  return [broken("log-cut", message, seq)];
}

function describeUnsealed(count: number, isAllowed: boolean): Finding {
  const message = `${count} events have no hash, so a change of them could not be noticed`;
  if (isAllowed) return { ...broken("not-sealed", message, null), verdict: "unknown" };
  return broken(
    "not-sealed",
    `${message}; if the registry is from before events had hashes: \`--allow-unsealed\``,
    null,
  );
}

function describeUnexpected(expected: string): Finding {
  const message = `no event has the hash ${expected}: the log was rewritten since it was noted, or it is another one`;
  return broken("head-unknown", message, null);
}

function broken(code: string, message: string, seq: number | null): Finding {
  return { verdict: "broken", code, run_id: null, dataset: null, seq, message };
}
