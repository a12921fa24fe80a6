import { isMapping } from "../../core/json.ts";
import type { Json, JsonObject, RunRecord, SessionRecord } from "../../core/run.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { renderFolded } from "../fold-line.ts";
import { formatBytes, formatDuration } from "../text/duration.ts";
import { plain, type Span, styled, type TextOptions } from "../text/spans.ts";
import { styleStatus } from "../text/status-style.ts";
import { type Column, renderTable } from "../text/table.ts";
import { countTries } from "./count-tries.ts";
import { nameVersions } from "./injected-versions.ts";
import { renderFailures, renderUnrun } from "./run-endings.ts";
import { describeRecorded, type RecordedAbout } from "./tables.ts";

const SAVED_COLUMNS: readonly Column[] = [
  { title: "SAVED", flexible: true },
  { title: "SIZE", align: "right" },
  { title: "PATH" },
];
const READ_COLUMNS: readonly Column[] = [
  { title: "READ", flexible: true },
  { title: "VERSION" },
  { title: "OF RUN", flexible: true, optional: true },
];

interface RunPageOptions extends TextOptions, RecordedAbout {
  logsFolder: string;
  /** A path as people can use it from where they are. */
  showPath(path: string): string;
}

/** Renders `show RUN`: this run alone, with its parameters, metrics, attempts, and the places of its versions. */
export function renderRunPage(session: SessionRecord, run: RunRecord, options: RunPageOptions): string[] {
  const sections = [
    renderHead(session, run, options),
    renderValues("PARAMETER", run.runtime_params, options),
    renderValues("METRIC", run.metrics ?? {}, options),
    renderSaved(run, options),
    renderRead(session, run, options),
    renderFailures([run], options),
    renderUnrun([run], { ...options, status: "skipped" }),
    renderUnrun([run], { ...options, status: "cancelled" }),
  ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, at) => (at === 0 ? section : ["", ...section]));
}

function renderHead(session: SessionRecord, run: RunRecord, options: RunPageOptions): string[] {
  const { run_id, duration_ms, peak_memory_bytes } = run;
  const { tries, most } = countTries(run);
  const of = most > 1 ? ` of ${most}` : "";
  const peak = peak_memory_bytes === null ? "" : `, ${formatBytes(peak_memory_bytes)} at its peak`;
  const fields: (readonly [string, string | null])[] = [
    ["run_id", run_id],
    ["session", `${session.session_id} of ${session.workflow}`],
    ["file", session.workflow_file === null ? null : options.showPath(session.workflow_file)],
    ["attempt", tries === 0 ? null : `${tries}${of}`],
    ...listTimes(run),
    ["pipelines", run.pipeline_names.join(", ") || null],
    ["env", run.env],
    ["log", run_id === null ? null : `${options.logsFolder}/run_${run_id}.log`],
  ];
  const head = [styled("bold", `Run ${run.run}`), plain("  "), styleStatus(run.status)];
  const lines: Span[][] = [
    [...head, plain(`  ${formatDuration(duration_ms)}${peak}`)],
    ...fields.flatMap(([name, value]) =>
      value === null ? [] : [[styled("dim", `  ${name.padEnd(9)} `), plain(value)]],
    ),
    ...describeRecorded(run, options).map((spans) => [plain("  "), ...spans]),
  ];
  return lines.flatMap((spans) => renderFolded(spans, options));
}

/** Lists start and end. The start of a reused run is that of the attempt that it stands for, and its end the time of the reuse. */
function listTimes({ status, start_time, end_time }: RunRecord): (readonly [string, string | null])[] {
  const [first, last] = status === "reused" ? ["executed", "reused"] : ["started", "ended"];
  return [
    [first, start_time && formatLocalTime(start_time)],
    [last, end_time && formatLocalTime(end_time)],
  ];
}

/** One line a value, however deep it is nested. */
function renderValues(title: string, values: JsonObject, options: TextOptions): string[] {
  const rows = flatten(values, "").map(([name, value]) => [plain(name), plain(value)]);
  return renderTable(
    [
      { title, flexible: true },
      { title: "VALUE", flexible: true },
    ],
    rows,
    options,
  );
}

function flatten(value: Json, path: string): [name: string, value: string][] {
  if (!isMapping(value) || Object.keys(value).length === 0)
    return path === "" ? [] : [[path, typeof value === "string" ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, each]) => flatten(each, path === "" ? key : `${path}.${key}`));
}

function renderSaved({ outputs }: RunRecord, options: RunPageOptions): string[] {
  const rows = Object.entries(outputs).map(([dataset, { bytes, location }]) => [
    plain(dataset),
    plain(formatBytes(bytes)),
    plain(options.showPath(location)),
  ]);
  return renderTable(SAVED_COLUMNS, rows, options);
}

function renderRead(session: SessionRecord, run: RunRecord, options: TextOptions & RecordedAbout): string[] {
  const writers = nameVersions(session, options.writers);
  const read = Object.entries(run.load_versions).filter(
    ([dataset, version]) => version !== run.run_id && version !== run.outputs[dataset]?.version,
  );
  const rows = read.map(([dataset, version]) => [plain(dataset), plain(version), plain(writers.get(version) ?? "")]);
  return renderTable(READ_COLUMNS, rows, options);
}
