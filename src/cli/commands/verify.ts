import type { StateLocation } from "../../compose/locate-state.ts";
import { type VerifiedRun, verifyRun } from "../../compose/verify-runs.ts";
import type { RegistryReader } from "../../core/registry.ts";
import type { RunRecord } from "../../core/run.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import type { Finding } from "../../explain/certificate.ts";
import { checkLog, type LogReport } from "../../explain/check-log.ts";
import { showName } from "../../explain/show-name.ts";
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
}

/** `runweave verify [RUN|SESSION|--all]`: exit 1 if anything does not hold. */
export async function verify(id: string | null, flags: VerifyFlags): Promise<ExitCode> {
  const isWhole = flags.all === true || flags.expect !== undefined;
  const { runs, log, findings } = await readRegistryAsync(flags, async (reader, state) => {
    const runs: VerifiedRun[] = [];
    for await (const run of verifyEach(reader, state, { id, all: flags.all === true })) runs.push(run);
    const log = isWhole ? checkLog(reader, flags.expect ?? null) : null;
    return { runs, log, findings: [...(log?.findings ?? []), ...runs.flatMap((run) => run.findings)] };
  });
  const ok = findings.every(({ verdict }) => verdict !== "broken");
  if (flags.json) writeJson({ ok, log, findings, certificates: runs.map(({ certificate }) => certificate) });
  else writeLines(process.stdout, describe({ runs, log, findings }));
  return ok ? 0 : 1;
}

async function* verifyEach(
  reader: RegistryReader,
  state: StateLocation,
  { id, all }: { id: string | null; all: boolean },
): AsyncGenerator<VerifiedRun> {
  const run = id === null || all || reader.findSession(id) !== null ? null : findStartedRun(reader, id, undefined);
  const ids = all
    ? reader.listSessions().map(({ session_id }) => session_id)
    : [run?.session_id ?? (id as SessionId | null)];
  for (const sessionId of ids) {
    const session = foundOrThrow(reader.findSession(sessionId ?? "latest"), "session", sessionId ?? "latest");
    const patch = session.origin?.patch?.digest ?? null;
    for (const record of run === null ? session.runs : [run]) {
      if (hasRunId(record)) yield await verifyRun(reader, record, { state, patch });
    }
  }
}

function hasRunId(record: RunRecord): record is RunRecord & { run_id: RunId } {
  return record.run_id !== null;
}

function describe({ runs, log, findings }: Verification): string[] {
  const broken = findings.filter(({ verdict }) => verdict === "broken");
  const unknown = findings.filter(({ verdict }) => verdict === "unknown");
  const outputs = runs.reduce((sum, { certificate }) => sum + Object.keys(certificate.outputs).length, 0);
  const chain = log === null ? "" : `, ${log.events} events of the log`;
  return [
    ...broken.map((finding) => `BROKEN   ${describeFinding(finding)}`),
    ...unknown.map((finding) => `unknown  ${describeFinding(finding)}`),
    `${broken.length === 0 ? "verified" : "NOT verified"}: ${runs.length} runs, ${outputs} versions${chain}; ${broken.length} broken, ${unknown.length} that nobody can look at`,
    ...(log?.head == null
      ? []
      : [`head ${log.head}  (\`verify --expect\` tells later whether what is logged up to here has changed)`]),
  ];
}

function describeFinding({ code, run_id, message }: Finding): string {
  return `${code}: ${showName(message)}${run_id === null ? "" : ` (${run_id})`}`;
}
