import { accept, type Checked, type Problem, problemAt, warningAt } from "../../core/problem.ts";
import type { Json } from "../../core/run.ts";
import { parseValue } from "../../define/parse-value.ts";
import { findTarget } from "../../plan/find-target.ts";
import type { PlannedRun } from "../../plan/plan.ts";
import { setField } from "../../plan/set-field.ts";

/** Runs of a plan, some of them changed, and why each of those is to be executed, as a clause. */
export interface ChangedRuns {
  runs: PlannedRun[];
  changed: Map<string, string>;
}

interface Setting {
  text: string;
  targets: string[];
  field: string;
  value: Json;
  valueText: string;
}

/**
 * Carries out what `--set RUN.FIELD=VALUE` says, one after the other. Problems: `invalid-setting`, `unknown-run`,
 * `unknown-field`, `invalid-value`; a warning: `unchanged`.
 */
export function applySettings(runs: readonly PlannedRun[], settings: readonly string[]): Checked<ChangedRuns> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const byName = new Map(runs.map((run) => [run.run, run]));
  const changed = new Map<string, string>();
  for (const text of settings) {
    const setting = readSetting(runs, text);
    if (!setting.ok) problems.push(...setting.problems);
    else if (!applySetting(byName, setting.value, { changed, problems }))
      warnings.push(warningAt(null, "unchanged", `--set ${text} changes nothing: that is its value already`));
  }
  if (problems.length > 0) return { ok: false, problems };
  return accept({ runs: [...byName.values()], changed }, warnings);
}

function readSetting(runs: readonly PlannedRun[], text: string): Checked<Setting> {
  const target = findTarget(runs, text);
  if (target.runs === null) {
    if (!/[.][^=]+=/.test(text))
      return reject("invalid-setting", `--set takes RUN.FIELD=VALUE, not "${text}"`, EXAMPLE);
    return reject("unknown-run", `the session has no run "${target.name}"`, target.hint);
  }
  const split = target.rest.indexOf("=");
  if (split < 1) return reject("invalid-setting", `--set takes RUN.FIELD=VALUE, not "${text}"`, EXAMPLE);
  const [field, valueText] = [target.rest.slice(0, split), target.rest.slice(split + 1)];
  const value = parseValue(valueText);
  if (!value.ok) return { ok: false, problems: value.problems.map((problem) => ofSetting(problem, text)) };
  return accept({ text, targets: target.runs.map(({ run }) => run), field, value: value.value, valueText });
}

/** False if it changes no run. */
function applySetting(
  runs: Map<string, PlannedRun>,
  { text, targets, field, value, valueText }: Setting,
  { changed, problems }: { changed: Map<string, string>; problems: Problem[] },
): boolean {
  const before = changed.size;
  for (const name of targets) {
    const run = runs.get(name);
    if (run === undefined) continue;
    const task = setField(run.task, { field, value, text: valueText });
    if (!task.ok) {
      // Arms are alike: what is wrong with one is said once.
      problems.push(...task.problems.map((problem) => ofSetting(problem, text)));
      return true;
    }
    if (task.value === run.task) continue;
    runs.set(name, { ...run, task: task.value });
    changed.set(name, `${field} is set to ${JSON.stringify(value)}`);
  }
  return changed.size > before || targets.some((name) => changed.has(name));
}

const EXAMPLE = "--set train.params.model_options.random_state=7";

function ofSetting(problem: Problem, text: string): Problem {
  return { ...problem, message: `--set ${text}: ${problem.message}` };
}

function reject(code: string, message: string, hint: string | null): { ok: false; problems: Problem[] } {
  return { ok: false, problems: [problemAt(null, code, message, hint)] };
}
