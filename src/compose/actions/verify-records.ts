import { resolve } from "node:path";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { Finding } from "../../explain/certificate.ts";
import type { LogReport } from "../../explain/check-log.ts";
import { type Fallback, findSessionById, listFallbacks } from "../../explain/find/find-named.ts";
import { describeUnstarted, findStartedRun } from "../../explain/find/find-run.ts";
import { findSessionOf } from "../../explain/find/find-session.ts";
import type { StartedRun } from "../../explain/find/read-named-run.ts";
import { listBad } from "../../explain/taint.ts";
import { placeOf, readAnchors } from "../anchor/anchor-places.ts";
import type { AnchorReport } from "../anchor/anchored-log.ts";
import { createAnchorCheck } from "../anchor/judge-anchors.ts";
import { ownKeyPath, publicPathOf, readPublicKey } from "../anchor/signing-key.ts";
import { keysFolder } from "../consent/keys-folder.ts";
import type { StateLocation } from "../locate-state.ts";
import { verifyAge } from "../verify/verify-age.ts";
import { verifyRecords as verifyLog } from "../verify/verify-records.ts";
import { type VerifiedRun, verifyRun } from "../verify/verify-runs.ts";
import { verifySession } from "../verify/verify-session.ts";
import { type ActionContext, readRegistryAsync, reportFound, type StateAddress } from "./context.ts";

/** Records that are to be compared with each other and with the disk. */
export interface VerifyRequest {
  /** A session, or a run of it. Default: the newest session. */
  id?: string | undefined;
  /** Session in which a run's name is looked for. */
  session?: string | undefined;
  /** True to check every run of the registry, and the whole log. */
  all?: boolean | undefined;
  /** A hash that the log has to contain: its last one, noted earlier. Checks the whole log. */
  expect?: string | undefined;
  /** Place of signed heads that the whole log is compared with: a file, or `git-note`; true for the usual file. */
  anchor?: string | true | undefined;
  /** True if every event has to be signed; compares with anchors. */
  requireSigned?: boolean | undefined;
  /** File of the key that signed them. Default: the user's own. */
  publicKey?: string | undefined;
  /** True to accept records without a seal, as older versions made them. */
  allowUnsealed?: boolean | undefined;
}

/** Verified records, and their faults. */
export interface Verification {
  /** False if anything is not as recorded. */
  ok: boolean;
  runs: VerifiedRun[];
  /** Null unless all of it was checked. */
  log: LogReport | null;
  /** Null unless the log was compared with anchors. */
  anchor: AnchorReport | null;
  findings: Finding[];
  /** Bad versions among the verified ones: they are unchanged, but should not be consumed. */
  tainted: ReturnType<typeof listBad>;
  /** Parts that were not checked, each with the option that checks it, if there is one. */
  unchecked: string[];
  fallbacks: Fallback[];
}

/**
 * Checks that records were not changed: the tables, every byte of the outputs, the log's hash chain. Throws
 * ExplainError.
 */
export async function verifyRecords(
  address: StateAddress,
  request: VerifyRequest = {},
  context: ActionContext = {},
): Promise<Verification> {
  const isWhole = request.all === true || request.expect !== undefined || isAnchored(request);
  return await readRegistryAsync(address, context, async (reader, state) => {
    const { scope, fallback } = reportFound(context, findScope(reader, request));
    const session = isWhole ? null : (scope[0]?.session_id ?? null);
    const expectations = { expected: request.expect ?? null, allowsUnsealed: request.allowUnsealed === true };
    const anchors = isAnchored(request) ? await openAnchors(request, state) : null;
    const { log, findings } = verifyLog(state.registry, { session, ...expectations, onLink: anchors?.take });
    const anchored = anchors?.end() ?? null;
    findings.push(...(anchored?.findings ?? []), ...verifyAge(reader, state, isWhole));
    const runs: VerifiedRun[] = [];
    for (const { session, records } of readParts(reader, scope)) {
      findings.push(...verifySession(session, state));
      const patch = session.origin?.patch?.digest ?? null;
      for (const record of records) runs.push(await verifyRun(reader, record, { state, patch }));
    }
    findings.push(...runs.flatMap((run) => run.findings));
    const certificates = runs.map(({ certificate }) => certificate);
    const ok = findings.every(({ verdict }) => verdict !== "broken");
    const [tainted, unchecked] = [listBad(reader, certificates), listUnchecked(request, isWhole)];
    const anchor = anchored?.report ?? null;
    return { ok, runs, log, anchor, findings, tainted, unchecked, fallbacks: listFallbacks(fallback) };
  });
}

function isAnchored({ anchor, requireSigned }: VerifyRequest): boolean {
  return anchor !== undefined || requireSigned === true;
}

async function openAnchors({ anchor, requireSigned, publicKey }: VerifyRequest, state: StateLocation) {
  const path = publicKey === undefined ? publicPathOf(ownKeyPath(keysFolder(process.env))) : resolve(publicKey);
  const key = readPublicKey(path);
  const lines = await readAnchors(placeOf(state, anchor === true ? undefined : anchor), state);
  return createAnchorCheck({ lines, key, requiresSigned: requireSigned === true });
}

function listUnchecked(request: VerifyRequest, isWhole: boolean): string[] {
  const { all, expect } = request;
  const isNoted = expect !== undefined || isAnchored(request);
  return [
    ...(all === true ? [] : ["outputs of other sessions (--all)"]),
    ...(isWhole ? [] : ["records of other sessions, and the rest of the log (--all)"]),
    ...(isNoted ? [] : ["whether the whole log was written anew (--anchor or --expect)"]),
  ];
}

/** A session, and the run that is named; null for all of its runs. */
interface Scope {
  session_id: SessionId;
  run: StartedRun | null;
}

interface Part {
  session: SessionRecord;
  /** The runs of the session that are to be verified. */
  records: StartedRun[];
}

function findScope(
  reader: RegistryReader,
  { id, session, all }: VerifyRequest,
): { scope: Scope[]; fallback: Fallback | null } {
  if (all) {
    return { scope: reader.listSessions().map(({ session_id }) => ({ session_id, run: null })), fallback: null };
  }
  const word = id ?? session ?? "latest";
  const within = id === undefined ? undefined : session;
  const {
    session: { session_id },
    run: named,
    fallback,
  } = findSessionOf(reader, word, { session: within, lacks: describeUnstarted });
  const run = named === null ? null : findStartedRun(reader, word, { session: within }).run;
  return { scope: [{ session_id: run?.session_id ?? session_id, run }], fallback };
}

/** Reads each session when it is asked for. */
function* readParts(reader: RegistryReader, scope: readonly Scope[]): Generator<Part> {
  for (const { session_id, run } of scope) {
    const session = findSessionById(reader, session_id);
    yield { session, records: run === null ? session.runs.filter(hasRunId) : [run] };
  }
}

function hasRunId(record: RunRecord): record is StartedRun {
  return record.run_id !== null;
}
