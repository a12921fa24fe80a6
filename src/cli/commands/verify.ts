import { verifyAge } from "../../compose/verify/verify-age.ts";
import { type VerifiedRun, verifyRun } from "../../compose/verify/verify-runs.ts";
import { verifySession } from "../../compose/verify/verify-session.ts";
import type { RegistryReader } from "../../core/registry.ts";
import type { RunRecord, SessionRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import type { Finding } from "../../explain/certificate.ts";
import { checkLog, type LogReport } from "../../explain/check-log.ts";
import { showName } from "../../explain/show-name.ts";
import { listBad, nameVersion } from "../../explain/taint.ts";
import type { ExitCode } from "../errors.ts";
import { findStartedRun } from "../find-run.ts";
import { foundOrThrow, type RegistryFlag, readRegistryAsync } from "../open-registry.ts";
import { writeJson, writeLines } from "../terminal.ts";

export interface VerifyFlags extends RegistryFlag {
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
  const { runs, log, findings, tainted } = await readRegistryAsync(flags, async (reader, state) => {
    const runs: VerifiedRun[] = [];
    const kept: Finding[] = verifyAge(reader, state, isWhole);
    for (const { session, records } of listScope(reader, { id, all: flags.all === true })) {
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
      findings: [...(log?.findings ?? []), ...kept, ...runs.flatMap((run) => run.findings)],
    };
  });
  const ok = findings.every(({ verdict }) => verdict !== "broken");
  if (flags.json) writeJson({ ok, log, findings, tainted, certificates: runs.map(({ certificate }) => certificate) });
  else writeLines(process.stdout, describe({ runs, log, findings, tainted }));
  return ok ? 0 : 1;
}

/** Sessions, each with those of its runs that are to be verified. */
function* listScope(
  reader: RegistryReader,
  { id, all }: { id: string | null; all: boolean },
): Generator<{ session: SessionRecord; records: (RunRecord & { run_id: RunId })[] }> {
  const run = id === null || all || reader.findSession(id) !== null ? null : findStartedRun(reader, id, undefined);
  const ids = all
    ? reader.listSessions().map(({ session_id }) => session_id)
    : [run?.session_id ?? (id as SessionId | null)];
  for (const sessionId of ids) {
    const session = foundOrThrow(reader.findSession(sessionId ?? "latest"), "session", sessionId ?? "latest");
    yield { session, records: (run === null ? session.runs : [run]).filter(hasRunId) };
  }
}

function hasRunId(record: RunRecord): record is RunRecord & { run_id: RunId } {
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
    `${broken.length === 0 ? "verified" : "NOT verified"}: ${runs.length} runs, ${outputs} versions${chain}; ${broken.length} broken, ${unknown.length} that nobody can look at`,
    ...(log?.head == null
      ? []
      : [`head ${log.head}  (\`verify --expect\` tells later whether what is logged up to here has changed)`]),
  ];
}

function describeFinding({ code, run_id, message }: Finding): string {
  return `${code}: ${showName(message)}${run_id === null ? "" : ` (${run_id})`}`;
}
