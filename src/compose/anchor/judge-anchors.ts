import type { ChainLink } from "../../core/port/registry.ts";
import type { Finding } from "../../explain/certificate.ts";
import type { AnchorReport, LogHead } from "./anchored-log.ts";
import { readSignedHead } from "./log-head.ts";
import type { SigningKey } from "./signing-key.ts";

export interface AnchorCheckOptions {
  lines: readonly unknown[];
  key: Pick<SigningKey, "key" | "keyid">;
  /** True if every event has to be signed. */
  requiresSigned: boolean;
}

/** Compares a log, whose links `take` gets one after the other, with heads that were signed. */
export function createAnchorCheck({ lines, key, requiresSigned }: AnchorCheckOptions): {
  take(link: ChainLink): void;
  end(): { report: AnchorReport; findings: Finding[] };
} {
  const heads = lines.map((line) => readSignedHead(line, key));
  const signed = heads.filter((head) => head !== null);
  const hashes = new Map<number, string | null>(signed.map(({ seq }) => [seq, null]));
  let first: string | null = null;
  let last = 0;
  return {
    take: ({ seq, hash }) => {
      first ??= hash;
      last = seq;
      if (hashes.has(seq)) hashes.set(seq, hash);
    },
    end: () => {
      const own = signed.filter(({ log }) => log === first);
      const holding = own.filter(({ seq, hash }) => hashes.get(seq) === hash);
      const newest = holding.reduce<LogHead | null>(
        (best, head) => (best === null || head.seq > best.seq ? head : best),
        null,
      );
      const report = {
        anchors: holding.length,
        seq: newest?.seq ?? null,
        time: newest?.time ?? null,
        keyid: key.keyid,
      };
      const findings = [
        ...judgeSignatures(lines.length - signed.length),
        ...own.filter((head) => !holding.includes(head)).map(describeDiffering),
        ...judgeCover({ signed: newest?.seq ?? 0, last, requiresSigned, others: signed.length - own.length }),
        ...judgeOthers(newest, { others: signed.filter(({ log }) => log !== first), requiresSigned }),
      ];
      return { report, findings };
    },
  };
}

function judgeSignatures(count: number): Finding[] {
  if (count === 0) return [];
  return [broken("anchor-unsigned", `${count} anchors are not signed with this key, or were changed`, null)];
}

function describeDiffering({ seq, hash, time }: LogHead): Finding {
  const message = `event ${seq} had the hash ${hash} when it was signed at ${time}: the log was cut or written anew since`;
  return broken("anchor-differs", message, seq);
}

interface Cover {
  /** Number of the last event that is signed; 0 if none is. */
  signed: number;
  last: number;
  requiresSigned: boolean;
  /** Anchors of other logs. */
  others: number;
}

function judgeCover({ signed, last, requiresSigned, others }: Cover): Finding[] {
  if (signed === last && last > 0) return [];
  if (signed === 0) {
    const why =
      others === 0 ? "" : `; ${others} anchors are of other logs, or this log was written anew from its first event`;
    return [broken("not-signed", `no anchor is of this log${why}`, null)];
  }
  const message = `events ${signed + 1} to ${last} are not signed: \`runweave anchor\` signs the log up to now`;
  return [{ ...broken("not-signed", message, signed + 1), verdict: requiresSigned ? "broken" : "unknown" }];
}

/** Tells of other logs that were signed later than this one: another registry may have been put in the place of the one that was used last. */
function judgeOthers(
  newest: LogHead | null,
  { others, requiresSigned }: { others: readonly LogHead[]; requiresSigned: boolean },
): Finding[] {
  if (newest === null) return [];
  const newer = others.filter(({ time }) => Date.parse(time) > Date.parse(newest.time));
  if (newer.length === 0) return [];
  const what = newer.length === 1 ? "1 anchor is" : `${newer.length} anchors are`;
  const message = `${what} of another log and newer than this log's newest (of ${newest.time}): this may not be the registry that was used last`;
  return [{ ...broken("anchor-of-another-log", message, null), verdict: requiresSigned ? "broken" : "unknown" }];
}

function broken(code: string, message: string, seq: number | null): Finding {
  return { verdict: "broken", code, run_id: null, dataset: null, seq, message };
}
