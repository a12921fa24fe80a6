import { verifyAge } from "../../compose/verify/verify-age.ts";
import { verifyRecords } from "../../compose/verify/verify-records.ts";
import { type VerifiedRun, verifyRun } from "../../compose/verify/verify-runs.ts";
import { verifySession } from "../../compose/verify/verify-session.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { Finding } from "../../explain/certificate.ts";
import type { LogReport } from "../../explain/check-log.ts";
import { type Fallback, findSessionById } from "../../explain/find/find-named.ts";
import { tellUnstarted } from "../../explain/find/find-run.ts";
import type { StartedRun } from "../../explain/find/read-named-run.ts";
import { listBad, nameVersion } from "../../explain/taint.ts";
import { showName } from "../../explain/text/show-name.ts";
import type { ExitCode } from "../errors.ts";
import { findSessionOf, findStartedRun } from "../find/find-and-tell.ts";
import { listFallbacks } from "../find/tell-fallback.ts";
import { type RegistryFlag, readRegistryAsync } from "../open-registry.ts";
import { writeLines } from "../terminal.ts";
import { writeAnswer } from "../write-answer.ts";

export interface VerifyFlags extends RegistryFlag {
  session?: string;
  all?: boolean;
  expect?: string;
  allowUnsealed?: boolean;
  json?: boolean;
}

interface Verification {
  runs: VerifiedRun[];
  /** Null unless all of it was checked. */
  log: LogReport | null;
  findings: Finding[];
  /** Bad versions among what was verified: they are what was saved, and still nothing is to be made of them. */
  tainted: ReturnType<typeof listBad>;
  /** What was not looked at, each with the option that does, if there is one. */
  unchecked: string[];
  fallbacks: Fallback[];
}

/** `runweave verify [RUN|SESSION|--all]`: exit 1 if anything does not hold. */
export async function verify(id: string | null, flags: VerifyFlags): Promise<ExitCode> {
  const isWhole = flags.all === true || flags.expect !== undefined;
  const verification = await readRegistryAsync(flags, async (reader, state): Promise<Verification> => {
    const { scope, fallback } = findScope(reader, { id, session: flags.session, all: flags.all === true });
    const session = isWhole ? null : (scope[0]?.session_id ?? null);
    const expectations = { expected: flags.expect ?? null, allowsUnsealed: flags.allowUnsealed === true };
    const { log, findings } = verifyRecords(state.registry, { session, ...expectations });
    findings.push(...verifyAge(reader, state, isWhole));
    const runs: VerifiedRun[] = [];
    for (const { session, records } of readParts(reader, scope)) {
      findings.push(...verifySession(session, state));
      const patch = session.origin?.patch?.digest ?? null;
      for (const record of records) runs.push(await verifyRun(reader, record, { state, patch }));
    }
    findings.push(...runs.flatMap((run) => run.findings));
    const tainted = listBad(
      reader,
      runs.map(({ certificate }) => certificate),
    );
    return {
      runs,
      log,
      findings,
      tainted,
      unchecked: listUnchecked(flags, isWhole),
      fallbacks: listFallbacks(fallback),
    };
  });
  const ok = verification.findings.every(({ verdict }) => verdict !== "broken");
  if (flags.json) {
    const { runs, ...rest } = verification;
    writeAnswer("verify", { ok, ...rest, certificates: runs.map(({ certificate }) => certificate) });
  } else writeLines(process.stdout, describe(verification));
  return ok ? 0 : 1;
}

function listUnchecked({ all, expect }: VerifyFlags, isWhole: boolean): string[] {
  return [
    ...(all === true ? [] : ["outputs of other sessions (--all)"]),
    ...(isWhole ? [] : ["records of other sessions, and the rest of the log (--all)"]),
    ...(expect === undefined ? ["whether the whole log was written anew (--expect)"] : []),
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
  { id, session, all }: { id: string | null; session: string | undefined; all: boolean },
): { scope: Scope[]; fallback: Fallback | null } {
  if (all) {
    return { scope: reader.listSessions().map(({ session_id }) => ({ session_id, run: null })), fallback: null };
  }
  const word = id ?? session ?? "latest";
  const within = id === null ? undefined : session;
  const {
    session: { session_id },
    run: named,
    fallback,
  } = findSessionOf(reader, word, { session: within, lacks: tellUnstarted });
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

function describe({ runs, log, findings, tainted, unchecked }: Verification): string[] {
  const broken = findings.filter(({ verdict }) => verdict === "broken");
  const unknown = findings.filter(({ verdict }) => verdict === "unknown");
  const outputs = runs.reduce((sum, { certificate }) => sum + Object.keys(certificate.outputs).length, 0);
  const chain = log === null ? "" : `, ${log.events} events of the log`;
  return [
    ...broken.map((finding) => `BROKEN   ${describeFinding(finding)}`),
    ...unknown.map((finding) => `unknown  ${describeFinding(finding)}`),
    ...tainted.map((bad) => `tainted  ${showName(nameVersion(bad))} ${showName(bad.what)}`),
    `${broken.length === 0 ? "verified" : "NOT verified"}: ${runs.length} runs, ${outputs} versions${chain}; ${broken.length} broken, ${unknown.length} unknown`,
    ...(unchecked.length === 0 ? [] : [`not checked: ${unchecked.join("; ")}`]),
    ...(log?.head == null
      ? []
      : [`head ${log.head}  (note it: \`verify --expect HASH\` checks later that the log up to here is unchanged)`]),
  ];
}

function describeFinding({ code, run_id, message }: Finding): string {
  return `${code}: ${showName(message)}${run_id === null ? "" : ` (${run_id})`}`;
}
