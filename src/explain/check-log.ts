import type { RegistryReader } from "../core/registry.ts";
import { type Finding, judgeLink } from "./certificate.ts";

/** The whole log, link by link. */
export interface LogReport {
  events: number;
  /** Of them, logged before events had hashes. */
  unsealed: number;
  /** The hash that stands for everything up to now: who notes it down can tell later whether anything was changed. */
  head: string | null;
  findings: Finding[];
  /** The number of the event that has `expected` as its hash; null if none has, or none was expected. */
  found: number | null;
}

/** Checks every link, and that the last one is the one that was written last. */
export function checkLog(registry: RegistryReader, expected: string | null = null): LogReport {
  const findings: Finding[] = [];
  let [events, unsealed] = [0, 0];
  let found: number | null = null;
  let last: { seq: number; hash: string | null } | null = null;
  for (const link of registry.links({})) {
    events += 1;
    if (link.hash === null && link.fault === null) unsealed += 1;
    else findings.push(...judgeLink(link, null));
    if (expected !== null && link.hash === expected) found = link.seq;
    last = link;
  }
  const head = registry.chainHead();
  findings.push(...judgeEnd(last, head));
  if (unsealed > 0) findings.push(describeUnsealed(unsealed));
  if (expected !== null && found === null) findings.push(describeUnexpected(expected));
  return { events, unsealed, head: head?.hash ?? null, findings, found };
}

function judgeEnd(
  last: { seq: number; hash: string | null } | null,
  head: { seq: number; hash: string } | null,
): Finding[] {
  if (head === null || (last?.seq === head.seq && last.hash === head.hash)) return [];
  const seq = last?.seq ?? 0;
  const message =
    seq < head.seq
      ? `events ${seq + 1} to ${head.seq} of the log are gone`
      : `the log ends with event ${seq}, but the last that was written is ${head.seq}`;
  return [{ verdict: "broken", code: "log-cut", run_id: null, dataset: null, seq, message }];
}

function describeUnsealed(count: number): Finding {
  const message = `${count} events were logged before events had hashes, so changes could not be noticed`;
  return { verdict: "unknown", code: "not-sealed", run_id: null, dataset: null, seq: null, message };
}

function describeUnexpected(expected: string): Finding {
  const message = `no event has the hash ${expected}: the log was rewritten since it was noted, or it is another one`;
  return { verdict: "broken", code: "head-unknown", run_id: null, dataset: null, seq: null, message };
}
