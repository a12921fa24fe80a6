import { listFew } from "../../core/text/list-few.ts";
import { formatLocalTime } from "../../core/text/local-time.ts";
import { baseName } from "../../plan/transcoding.ts";
import type { BlastedRun, BlastedSession, BlastRadius, EqualVersion, Replacement } from "../blast-radius.ts";
import { baseKey } from "../equal-versions.ts";
import type { Taint } from "../taint.ts";
import { showName } from "./show-name.ts";

const SHOWN = 50;
const EQUAL_SHOWN = 5;
const ONLY_THIS =
  "  to mark only this version, use `--only-this`; otherwise later versions with the same content count as tainted too";

/** Formats a blast radius for people: the taints, the reasons, and all that they reach. Ends with a line feed. */
export function toBlastText({ taints, equal, replaced, runs, sessions, aliases, published }: BlastRadius): string {
  if (taints.length === 0) return "nothing is tainted\n";
  const replacements = new Map(replaced.map((each) => [baseKey(each), each.replaced_by]));
  const lines = [
    ...taints.flatMap((taint) => describeTaint(taint, equal)),
    ...describeHealing(replaced, runs),
    "",
    ...listSection(
      "runs",
      runs.map((run) => describeRun(run, replacements)),
    ),
    ...listSection("sessions", sessions.map(describeSession)),
    ...listSection(
      "aliases",
      aliases.map(({ alias, dataset, run_id }) => `${showName(alias)} -> ${showName(dataset)}@${run_id}`),
    ),
    ...listSection(
      "published",
      // Sessions that reuse a version publish it again.
      unique(published.map(({ dataset, run_id, location }) => `${showName(location)}  ${showName(dataset)}@${run_id}`)),
    ),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function describeTaint(
  { dataset, run_id, reason, by, time, only_this }: Taint,
  equal: readonly EqualVersion[],
): string[] {
  const line = `${showName(dataset)}@${run_id} is tainted: ${showName(reason)} (${showName(by.user)}, ${formatLocalTime(time)})`;
  if (only_this) return [line, "  this version alone, and no other one with the same content"];
  const names = equal
    .filter((each) => each.equal_to === run_id && baseName(each.dataset) === baseName(dataset))
    .map((each) => `${showName(each.dataset)}@${each.run_id}`);
  if (names.length === 0) return [line];
  const others = names.length === 1 ? "1 other version has" : `each of ${names.length} other versions has`;
  return [line, `  ${others} the same content and counts as tainted too: ${listFew(names, EQUAL_SHOWN)}`, ONLY_THIS];
}

function describeHealing(replaced: readonly Replacement[], runs: readonly BlastedRun[]): string[] {
  const count = runs.reduce((sum, { bad }) => sum + bad.length, 0);
  if (replaced.length === 0) return ["`runweave heal` makes it again, and first shows the plan"];
  const left = count - replaced.length;
  if (left === 0)
    return [
      `healed: ${count === 1 ? "the version is replaced, and no run reads it" : `all ${count} versions are replaced, and no run reads them`} any more`,
    ];
  return [`healed in part: ${replaced.length} of ${count} versions are replaced; \`runweave heal\` continues`];
}

function unique(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}

function listSection(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - SHOWN;
  return [title, ...lines.slice(0, SHOWN).map((line) => `  ${line}`), ...(more > 0 ? [`  … and ${more} more`] : [])];
}

function describeRun(
  { run, run_id, status, session_id, workflow, read, bad }: BlastedRun,
  replacements: ReadonlyMap<string, string>,
): string {
  const saved = bad.map((dataset) => {
    const by = replacements.get(baseKey({ dataset, run_id }));
    return `${showName(dataset)}${by === undefined ? "" : ` (replaced by ${by})`}`;
  });
  const reads = read.map(({ dataset }) => showName(dataset));
  const what = [
    ...(reads.length === 0 ? [] : [`read ${[...new Set(reads)].join(", ")}`]),
    bad.length === 0 ? "saved nothing bad" : `saved ${saved.join(", ")}`,
  ].join("; ");
  return `${showName(run)}  ${status}  run ${run_id}  session ${session_id} of ${showName(workflow)}: ${what}`;
}

function describeSession({ session_id, workflow, runs }: BlastedSession): string {
  const names = runs.map(({ run, is_reused }) => `${showName(run)}${is_reused ? " (reused)" : ""}`);
  return `${session_id} of ${showName(workflow)}: ${listFew(names, SHOWN)}`;
}
