import type { ControlRequest } from "../../core/control-request.ts";
import type { RunHead } from "../../core/port/registry.ts";
import type { SessionSummary } from "../../core/port/registry-lists.ts";
import type { EnvironmentFacts, PatchRef, ReplayOrigin, RunRecord, SessionRecord } from "../../core/run.ts";
import { listFew } from "../../core/text/list-few.ts";
import { formatLocalDay, formatLocalTime } from "../../core/text/local-time.ts";
import { formatDiscard, type Rollback } from "../../core/trash.ts";
import { renderFolded } from "../fold-line.ts";
import { clipText } from "../text/clean-text.ts";
import { describeException } from "../text/describe-reason.ts";
import { formatBytes, formatDuration } from "../text/duration.ts";
import { plain, type Span, styled, type TextOptions } from "../text/spans.ts";
import { describeCounts, styleStatus } from "../text/status-style.ts";
import { type Column, renderTable } from "../text/table.ts";
import { countTries } from "./count-tries.ts";
import { describePurpose } from "./describe-purpose.ts";
import { describeInjected, describeTakenOver, listInjected, nameVersions } from "./injected-versions.ts";
import { renderRequests } from "./request-lines.ts";
import { renderFailures, renderUnrun } from "./run-endings.ts";
import { renderRunTable } from "./run-table.ts";
import { DEFAULT_LOGS_FOLDER, renderSessionLines, type SummaryOptions } from "./summary.ts";

const PARAMS_LIMIT = 200;

const SESSION_COLUMNS: readonly Column[] = [
  { title: "SESSION" },
  { title: "STARTED", optional: true },
  { title: "WORKFLOW", flexible: true },
  { title: "STATE" },
  { title: "TIME", align: "right" },
  { title: "RUNS", flexible: true },
  { title: "WHAT", flexible: true, yielding: true },
];

const RUN_COLUMNS: readonly Column[] = [
  { title: "RUN ID" },
  { title: "RUN", flexible: true },
  { title: "STATE" },
  { title: "TIME", align: "right" },
  { title: "WORKFLOW", flexible: true, optional: true },
  { title: "SESSION", optional: true },
];

function describePatch({ bytes, truncated, left_out = [], tracked_only }: PatchRef): string {
  const secret = left_out.length === 0 ? [] : [`without ${listFew(left_out, 3)}, which look like secrets`];
  const untracked = tracked_only === true ? ["without new files"] : [];
  return [formatBytes(bytes), ...(truncated ? ["cut"] : []), ...secret, ...untracked].join(", ");
}

/** Renders `sessions`. Ids have the time in UTC; STARTED has the reader's. */
export function renderSessions(sessions: readonly SessionSummary[], options: TextOptions): string[] {
  const rows = sessions.map((session) => [
    plain(session.session_id),
    plain(formatLocalTime(session.start_time)),
    plain(session.workflow),
    styleStatus(session.status),
    plain(formatDuration(session.duration_ms)),
    plain(describeCounts(session.run_counts)),
    plain(describePurpose(session)),
  ]);
  return rows.length > 0 ? renderTable(SESSION_COLUMNS, rows, options) : ["no sessions"];
}

/** A run, as far as a list shows it. */
export type ListedRun = Pick<RunRecord, "run_id" | "run" | "status" | "duration_ms" | "workflow" | "session_id">;

/** Renders `runs`. The session's id is left out of a terminal too narrow for it. */
export function renderRuns(runs: readonly ListedRun[], options: TextOptions): string[] {
  const rows = runs.map((run) => [
    plain(run.run_id ?? "-"),
    plain(run.run),
    styleStatus(run.status),
    plain(formatDuration(run.duration_ms)),
    plain(run.workflow),
    plain(run.session_id),
  ]);
  return rows.length > 0 ? renderTable(RUN_COLUMNS, rows, options) : ["no runs"];
}

/** Renders `show`: a session, and for every run its inputs, its outputs and its end. */
export function renderSession(
  session: SessionRecord,
  options: SummaryOptions &
    RecordedAbout & {
      requests?: readonly ControlRequest[];
      environments?: Readonly<Record<string, EnvironmentFacts | null>>;
    },
): string[] {
  const earlier = Map.groupBy(options.earlier ?? [], ({ run }) => run);
  const logsFolder = options.logsFolder ?? DEFAULT_LOGS_FOLDER;
  const writers = nameVersions(session, options.writers);
  const sections = [
    [
      ...renderSessionLines(session, options),
      ...describeOrigin(session, options.environments ?? {}).flatMap((spans) => renderFolded(spans, options)),
    ],
    renderRunTable(session.runs, {
      ...options,
      details: (run) => [
        ...describeDetails(run, writers),
        ...describeStanding(run, { ...options, earlier: earlier.get(run.run) ?? [] }),
      ],
    }),
    renderFailures(session.runs, { ...options, logsFolder }),
    renderUnrun(session.runs, { ...options, status: "skipped" }),
    renderUnrun(session.runs, { ...options, status: "cancelled" }),
    renderRequests(options.requests ?? [], options),
  ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, at) => (at === 0 ? section : ["", ...section]));
}

function describeOrigin(
  session: SessionRecord,
  environments: Readonly<Record<string, EnvironmentFacts | null>>,
): Span[][] {
  const git = session.runs.find((run) => run.git_commit !== null);
  const { origin } = session;
  const patch = origin?.patch;
  const pythons = Object.values(environments).flatMap((facts) => (facts === null ? [] : [facts]));
  const fields: (readonly [string, string | null])[] = [
    ["file", session.workflow_file],
    ["project", session.project_path],
    ["commit", git === undefined ? null : `${git.git_commit}${git.git_dirty ? " with changes" : ""}`],
    ["changes", patch == null ? null : `${patch.digest} (${describePatch(patch)})`],
    ["command", session.command_line.length === 0 ? null : clipText(session.command_line.join(" "), PARAMS_LIMIT)],
    [
      session.replay_of?.heals ? "heals" : "replays",
      session.replay_of === null ? null : describeReplayOf(session.replay_of),
    ],
    ["by", origin === null ? null : `${origin.user}@${origin.host} in ${origin.working_folder}`],
    ["on", origin === null ? null : `${origin.platform}, node ${origin.node}, runweave ${origin.runweave}`],
    ...pythons.map((facts) => ["python", describePython(facts)] as const),
    ["started", formatLocalTime(session.start_time)],
    ["paused", session.paused_since && formatLocalTime(session.paused_since)],
    [
      "rollback",
      session.rollback === null
        ? null
        : `${describeRollback(session.rollback)} at ${formatLocalTime(session.rollback.time)}`,
    ],
    ["ended", session.end_time && formatLocalTime(session.end_time)],
  ];
  return fields.flatMap(([name, value]) =>
    name && value ? [[styled("dim", `  ${name.padEnd(9)}`), plain(value)]] : [],
  );
}

/** `show --json` lists the packages. */
function describePython({ python, kedro, packages, platform }: EnvironmentFacts): string {
  const ofKedro = kedro === "" ? "" : `, kedro ${kedro}`;
  return `${python} on ${platform}${ofKedro}, ${Object.keys(packages).length} packages`;
}

function describeReplayOf({ session_id, changes }: ReplayOrigin): string {
  return changes.length === 0 ? session_id : `${session_id} with ${clipText(changes.join(" "), PARAMS_LIMIT)}`;
}

function describeRollback({ status }: Rollback): string {
  switch (status) {
    case "running":
      return "begun";
    case "done":
      return "rolled back";
    case "failed":
      return "stopped by a command that failed";
  }
}

/** Facts that the registry has on a run besides its record. */
export interface RecordedAbout {
  /** Attempts before the last ones. */
  earlier?: readonly RunRecord[];
  aliases?: readonly NamedVersion[];
  tainted?: readonly TaintedVersion[];
  /** Attempts of other sessions whose versions were read. */
  writers?: readonly RunHead[];
}

/** Notes and tags of a run, the state of its data, and its earlier attempts. */
export function describeRecorded(run: RunRecord, about: RecordedAbout): Span[][] {
  return [...toSettings(listRemarks(run)), ...describeStanding(run, about), ...describeTakenOver(run)];
}

function describeStanding(run: RunRecord, { aliases = [], tainted = [], earlier = [] }: RecordedAbout): Span[][] {
  return [...describeAliases(run, aliases), ...describeTaints(run, tainted), ...earlier.map(describeAttempt)];
}

/** A version that has an alias. */
interface NamedVersion {
  alias: string;
  dataset: string;
  run_id: string;
}

function describeAliases(run: RunRecord, aliases: readonly NamedVersion[]): Span[][] {
  const own = aliases.filter(({ run_id }) => run_id === run.run_id);
  return own.map(({ alias, dataset }) => [styled("dim", "alias "), plain(`${alias} -> ${dataset}`)]);
}

/** A tainted version, which no run should consume. */
interface TaintedVersion {
  dataset: string;
  run_id: string;
  /** The taint, as the end of a sentence. */
  what: string;
}

function describeTaints(run: RunRecord, tainted: readonly TaintedVersion[]): Span[][] {
  const own = tainted.filter(({ run_id }) => run_id === run.run_id);
  return own.map(({ dataset, what }) => [styled("red", dataset), plain(` ${clipText(what, PARAMS_LIMIT)}`)]);
}

/** An attempt before the last one. */
function describeAttempt(record: RunRecord): Span[] {
  const { run_id, status, exception, start_time } = record;
  if (start_time === null) return [styled("dim", "before "), plain(`${run_id} was not started; queued again`)];
  const data = describeData(record);
  const what = `${exception === null ? "" : `: ${describeException(exception)}`}${data === "" ? "" : `; data ${data}`}`;
  return [styled("dim", `attempt ${countTries(record).tries} `), plain(`${run_id} `), styleStatus(status), plain(what)];
}

/** Tells where data went that are not in their place; data of an earlier attempt that the run stands for, too. */
function describeData({ run_id, discarded }: RunRecord): string {
  return run_id === null || discarded === null ? "" : formatDiscard({ run_id, ...discarded });
}

function describeDetails(run: RunRecord, writers: ReadonlyMap<string, string>): Span[][] {
  const params = Object.keys(run.runtime_params).length > 0 ? JSON.stringify(run.runtime_params) : "";
  const fields: (readonly [string, string])[] = [
    ["pipelines", run.pipeline_names.join(", ")],
    ["env", run.env ?? ""],
    ["params", clipText(params, PARAMS_LIMIT)],
    ["saved", Object.keys(run.outputs).join(", ")],
    ["metrics", run.metrics === null ? "" : clipText(JSON.stringify(run.metrics), PARAMS_LIMIT)],
    ...listRemarks(run),
  ];
  return [...toSettings(fields), ...listInjected(run, writers).map(describeInjected), ...describeTakenOver(run)];
}

function listRemarks(run: RunRecord): (readonly [string, string])[] {
  const tags = Object.entries(run.tags).map(([key, value]) => `${key}=${value}`);
  return [
    ["data", describeData(run)],
    ["tags", tags.join(", ")],
    ...run.warnings.map(({ message }) => ["warning", message] as const),
    ...run.notes.map(({ time, text }) => ["note", `${formatLocalDay(time)} ${clipText(text, PARAMS_LIMIT)}`] as const),
  ];
}

function toSettings(fields: readonly (readonly [string, string])[]): Span[][] {
  return fields.filter(([, value]) => value !== "").map(([name, value]) => [styled("dim", `${name} `), plain(value)]);
}
