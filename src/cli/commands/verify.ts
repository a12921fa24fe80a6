import { verifyAge } from "../../compose/verify/verify-age.ts";
import { type VerifiedRun, verifyRun } from "../../compose/verify/verify-runs.ts";
import { verifySession } from "../../compose/verify/verify-session.ts";
import type { RegistryReader } from "../../core/registry.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import type { Finding } from "../../explain/certificate.ts";
import { checkLog, type LogReport } from "../../explain/check-log.ts";
import { type Fallback, findSessionById } from "../../explain/find/find-named.ts";
import { tellUnstarted } from "../../explain/find/find-run.ts";
import type { StartedRun } from "../../explain/find/read-named-run.ts";
import { showName } from "../../explain/show-name.ts";
import { listBad, nameVersion } from "../../explain/taint.ts";
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
  json?: boolean;
}

interface Verification {
  runs: VerifiedRun[];
  /** Null unless all of it was checked. */
  log: LogReport | null;
  findings: Finding[];
  /** Bad versions among what was verified: they are what was saved, and still nothing is to be made of them. */
  tainted: ReturnType<typeof listBad>;
}

/** `runweave verify [RUN|SESSION|--all]`: exit 1 if anything does not hold. */
export async function verify(id: string | null, flags: VerifyFlags): Promise<ExitCode> {
  const isWhole = flags.all === true || flags.expect !== undefined;
  const { runs, log, findings, tainted, fallbacks } = await readRegistryAsync(flags, async (reader, state) => {
    const runs: VerifiedRun[] = [];
    const kept: Finding[] = verifyAge(reader, state, isWhole);
    const { scope, fallback } = findScope(reader, { id, session: flags.session, all: flags.all === true });
    for (const { session, records } of scope) {
      kept.push(...verifySession(session, state));
      const patch = session.origin?.patch?.digest ?? null;
      for (const record of records) runs.push(await verifyRun(reader, record, { state, patch }));
    }
    const tainted = listBad(
      reader,
      runs.map(({ certificate }) => certificate),
    );
    const log = isWhole ? checkLog(reader, flags.expect ?? null) : null;
    return {
      runs,
      log,
      tainted,
      fallbacks: listFallbacks(fallback),
      findings: [...(log?.findings ?? []), ...kept, ...runs.flatMap((run) => run.findings)],
    };
  });
  const ok = findings.every(({ verdict }) => verdict !== "broken");
  if (flags.json) {
    const certificates = runs.map(({ certificate }) => certificate);
    writeAnswer("verify", { ok, log, findings, tainted, certificates, fallbacks });
  } else writeLines(process.stdout, describe({ runs, log, findings, tainted }));
  return ok ? 0 : 1;
}

interface Part {
  session: SessionRecord;
  /** The runs of the session that are to be verified. */
  records: StartedRun[];
}

function findScope(
  reader: RegistryReader,
  { id, session, all }: { id: string | null; session: string | undefined; all: boolean },
): { scope: Iterable<Part>; fallback: Fallback | null } {
  if (all) return { scope: readSessions(reader), fallback: null };
  const word = id ?? session ?? "latest";
  const within = id === null ? undefined : session;
  const {
    session: whole,
    run: named,
    fallback,
  } = findSessionOf(reader, word, { session: within, lacks: tellUnstarted });
  if (named === null) return { scope: [wholeScope(whole)], fallback };
  const { run } = findStartedRun(reader, word, { session: within });
  return { scope: [{ session: findSessionById(reader, run.session_id), records: [run] }], fallback };
}

/** All sessions, each when it is asked for. */
function* readSessions(reader: RegistryReader): Generator<Part> {
  for (const { session_id } of reader.listSessions()) yield wholeScope(findSessionById(reader, session_id));
}

function wholeScope(session: SessionRecord): Part {
  return { session, records: session.runs.filter(hasRunId) };
}

function hasRunId(record: RunRecord): record is StartedRun {
  return record.run_id !== null;
}

function describe({ runs, log, findings, tainted }: Verification): string[] {
  const broken = findings.filter(({ verdict }) => verdict === "broken");
  const unknown = findings.filter(({ verdict }) => verdict === "unknown");
  const outputs = runs.reduce((sum, { certificate }) => sum + Object.keys(certificate.outputs).length, 0);
  const chain = log === null ? "" : `, ${log.events} events of the log`;
  return [
    ...broken.map((finding) => `BROKEN   ${describeFinding(finding)}`),
    ...unknown.map((finding) => `unknown  ${describeFinding(finding)}`),
    ...tainted.map((bad) => `tainted  ${showName(nameVersion(bad))} ${showName(bad.what)}`),
    `${broken.length === 0 ? "verified" : "NOT verified"}: ${runs.length} runs, ${outputs} versions${chain}; ${broken.length} broken, ${unknown.length} not checked`,
    ...(log?.head == null
      ? []
      : [`head ${log.head}  (note it: \`verify --expect HASH\` checks later that the log up to here is unchanged)`]),
  ];
}

function describeFinding({ code, run_id, message }: Finding): string {
  return `${code}: ${showName(message)}${run_id === null ? "" : ` (${run_id})`}`;
}
