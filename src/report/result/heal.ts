import {
  type HealedSession,
  type HealingCost,
  type HealingProposal,
  type HealingResult,
  type UnhealedRun,
  type UnhealedSession,
  UPSTREAM_NOT_HEALED,
} from "../../core/answer/healing.ts";
import { listFew } from "../../core/text/list-few.ts";
import { formatDuration } from "../text/duration.ts";
import { plain, renderSpans, type Span, styled, type TextOptions } from "../text/spans.ts";
import { renderProblems } from "./problems.ts";
import { renderReplayedRuns } from "./replayed-runs.ts";

const TITLES = { duration: "TOOK", attempt: "INSTEAD OF" };

/**
 * Renders the plan of `heal`: the runs that it executes at most, the cost, the runs that stay, and those that can't be
 * healed.
 */
export function renderProposal(proposal: HealingProposal, options: TextOptions): string[] {
  const { taints, owed, given, sessions, refused, aliases, published, unknown_durations } = proposal;
  const show = (lines: readonly Span[][]) => lines.map((spans) => renderSpans(spans, { ...options, columns: null }));
  return [
    ...show(taints.map(({ dataset, run_id, reason }) => [plain(`${dataset}@${run_id} is tainted: ${reason}`)])),
    ...show(owed === 0 ? [] : [[plain(`${owed} versions were made again already, but this is not recorded yet`)]]),
    ...show(given.map(describeGiven)),
    ...sessions.flatMap((session) => renderSession(session, options)),
    ...refused.flatMap((session) => renderRefused(session, options)),
    ...show(listSection("aliases", aliases.map(describeAlias))),
    ...show(listSection("published earlier, and not changed now", published.map(describePublished))),
    ...(sessions.length === 0 ? [] : ["", ...show([describeTotal(proposal)])]),
    ...show(
      unknown_durations.length === 0
        ? []
        : [[styled("dim", `  unknown how long these take: ${listFew(unknown_durations)}`)]],
    ),
  ];
}

function describeGiven({ dataset, run_id, by, verdict }: HealingProposal["given"][number]): Span[] {
  const what = verdict === "replaced" ? "replaces it" : "has the same content, and is not bad";
  return [plain(`${dataset}@${run_id}: ${by} ${what}`)];
}

function renderSession(session: HealedSession, options: TextOptions): string[] {
  const { session_id, workflow, runs, most, restores, warnings, unhealed } = session;
  const due = runs.filter(({ action }) => action !== "link");
  const count = due.length === 1 ? "1 run" : `${due.length} runs`;
  const linked = runs.length - due.length;
  const rest = linked === 0 ? "" : `, ${linked} reused`;
  const heading = [
    styled("bold", `Session ${session_id}`),
    plain(` of ${workflow}: at most ${count}${rest}; ${describeCost(most)}`),
  ];
  return [
    "",
    renderSpans(heading, { ...options, columns: null }),
    ...renderReplayedRuns(due, TITLES, options),
    ...restores.map(({ run, run_id }) =>
      renderSpans([plain(`what ${run} saved (${run_id}) is read: it comes back from the trash`)], {
        ...options,
        columns: null,
      }),
    ),
    ...renderProblems(warnings, options),
    ...renderUnhealed(unhealed, options),
  ];
}

/** Renders the runs that stay as they are: each reason once, and one line for those that only wait for another run. */
function renderUnhealed(unhealed: readonly UnhealedRun[], options: TextOptions): string[] {
  if (unhealed.length === 0) return [];
  const nameAll = (runs: readonly UnhealedRun[]) => runs.map(({ run }) => run).join(", ");
  const count = unhealed.length === 1 ? "1 run stays" : `${unhealed.length} runs stay`;
  const heading = [styled("bold", `${count} bad`), plain(`: ${nameAll(unhealed)}`)];
  const own = new Set(unhealed.flatMap(({ problems }) => problems.filter(({ code }) => code !== UPSTREAM_NOT_HEALED)));
  const waiting = unhealed.filter(({ problems }) => problems.every(({ code }) => code === UPSTREAM_NOT_HEALED));
  return [
    renderSpans(heading, { ...options, columns: null }),
    ...renderProblems([...own], options),
    ...(waiting.length === 0 ? [] : [`  because they read from these: ${nameAll(waiting)}`]),
  ];
}

function renderRefused({ session_id, workflow, runs, problems }: UnhealedSession, options: TextOptions): string[] {
  const heading = [styled("bold", `Session ${session_id}`), plain(` of ${workflow} can't be healed: ${listFew(runs)}`)];
  return ["", renderSpans(heading, { ...options, columns: null }), ...renderProblems(problems, options)];
}

function describeAlias({ alias, dataset, run_id, replaced_by }: HealingProposal["aliases"][number]): Span[] {
  const to = replaced_by === null ? "the version that replaces it" : replaced_by;
  return [plain(`  ${alias} -> ${dataset}@${run_id}: --move-aliases moves it to ${to}`)];
}

function describePublished({ dataset, run_id, location }: HealingProposal["published"][number]): Span[] {
  return [plain(`  ${location}  ${dataset}@${run_id}`)];
}

function listSection(title: string, lines: readonly Span[][]): Span[][] {
  return lines.length === 0 ? [] : [[plain("")], [styled("bold", title)], ...lines];
}

function describeTotal({ sessions, least, most }: HealingProposal): Span[] {
  const where = sessions.length === 1 ? "one session" : `${sessions.length} sessions, one after the other`;
  const atLeast = least.runs === most.runs ? "" : `${least.runs} to `;
  return [plain(`In total ${atLeast}${most.runs} runs in ${where}: at most ${describeCost(most)}`)];
}

function describeCost({ sum_ms, critical_path_ms }: HealingCost): string {
  return `${formatDuration(sum_ms)} of work, ${formatDuration(critical_path_ms)} on the critical path`;
}

/** Renders the outcome of `heal`. */
export function renderHealing(result: HealingResult, options: TextOptions): string[] {
  const { replaced, confirmed, left, aliases } = result;
  const lines = [
    ...listSection(
      "replaced",
      replaced.map(({ dataset, run_id, replaced_by }) => [plain(`  ${dataset}@${run_id} by ${replaced_by}`)]),
    ),
    ...listSection(
      "good: made again with equal content",
      confirmed.map(({ dataset, run_id, equal_to }) => [plain(`  ${dataset}@${run_id}: ${equal_to} is equal`)]),
    ),
    ...listSection("aliases", aliases.map(describeMove)),
    ...listSection(
      "still bad",
      left.map(({ dataset, run_id, run, session_id }) => {
        const what = dataset === null ? `${run_id}, which saved nothing` : `${dataset}@${run_id}`;
        return [plain(`  ${what}: ${run} of ${session_id}`)];
      }),
    ),
  ];
  return lines.map((spans) => renderSpans(spans, { ...options, columns: null }));
}

function describeMove({ alias, dataset, from, to, moved }: HealingResult["aliases"][number]): Span[] {
  if (to === null) return [plain(`  ${alias} -> ${dataset}@${from}, which is still bad`)];
  if (moved) return [plain(`  ${alias} -> ${dataset}@${to}; before: ${from}`)];
  return [plain(`  ${alias} -> ${dataset}@${from}, which is bad: \`runweave alias move ${alias} ${dataset}@${to}\``)];
}
