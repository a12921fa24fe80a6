import type { ChainLink } from "../../core/port/registry.ts";
import type { RunId, SessionId } from "../../core/run-id.ts";
import type { Finding } from "../../explain/certificate.ts";
import { createLogCheck, type LogExpectations, type LogReport } from "../../explain/check-log.ts";
import { checkRecords, type RecordCheck } from "../../record/replay/check-records.ts";
import type { RecordDifference } from "../../record/replay/compare-tables.ts";

/** Rows named for each table; the others are counted. */
const ROWS_TOLD = 20;

export interface RecordsOptions extends LogExpectations {
  /** Null for the whole registry. */
  session: SessionId | null;
  /** Gets each link that is checked. */
  onLink?: ((link: ChainLink) => void) | undefined;
}

/**
 * Checks each event's hash, replays the log and compares every table with what comes of it: of one session, or of the whole registry, for
 * which `log` describes the whole log; `mark` is that of the session's log at the same moment. Throws RegistryError if the registry can't be read.
 */
export function verifyRecords(
  path: string,
  { session, onLink = () => {}, ...expectations }: RecordsOptions,
): { log: LogReport | null; mark: string | null; findings: Finding[] } {
  const check = createLogCheck(expectations);
  const checked = checkRecords(path, session, (link) => {
    check.take(link);
    onLink(link);
  });
  const log = check.end(checked);
  const findings = [...log.findings, ...judgeRecords(checked)];
  return { log: session === null ? log : null, mark: checked.mark, findings };
}

function judgeRecords({ contradiction, differences }: RecordCheck): Finding[] {
  if (contradiction !== null) {
    const { seq, message } = contradiction;
    const what = `event ${seq} contradicts what was logged before it, so the records can't be compared with the log: ${message}`;
    return [{ verdict: "broken", code: "log-contradicts", run_id: null, dataset: null, seq, message: what }];
  }
  return judgeDifferences(differences);
}

/** Findings for rows that are not as the log says; of each table, the first ones are named and the others counted. */
export function judgeDifferences(differences: readonly RecordDifference[]): Finding[] {
  const byTable = Map.groupBy(differences, ({ table }) => table);
  return [...byTable].flatMap(([table, found]) => {
    const told = found.slice(0, ROWS_TOLD).map(describeDifference);
    const more = found.length - told.length;
    return more === 0 ? told : [...told, differs({}, `${more} more rows of ${table} are not as the log says`)];
  });
}

function describeDifference({ table, kind, row, columns }: RecordDifference): Finding {
  const subject =
    row.alias ?? row.key ?? row.node ?? row.run ?? row.dataset ?? row.session_id ?? row.digest ?? row.run_id;
  const what = subject === undefined ? `the table ${table}` : `the table ${table}, ${subject}`;
  switch (kind) {
    case "changed":
      return differs(row, `${what}: not as the log says: ${columns.join(", ")}`);
    case "missing":
      return differs(row, `${what}: a row is gone that the log tells of`);
    case "added":
      return differs(row, `${what}: a row that the log does not tell of`);
    case "order":
      return differs(row, `${what}: the rows are in another order than in the log`);
  }
}

function differs({ run_id, dataset }: RecordDifference["row"], message: string): Finding {
  const about = {
    run_id: (run_id as RunId | null | undefined) ?? null,
    dataset: dataset == null ? null : String(dataset),
  };
  return { verdict: "broken", code: "record-differs", ...about, seq: null, message };
}
