import { accept, type Checked, type Location, type Problem, problemAt, warningAt } from "../../core/error/problem.ts";
import type { Json } from "../../core/run.ts";
import { parseValue } from "../../define/source/parse-value.ts";
import { type DeclaredName, findTarget } from "../../plan/expand/find-target.ts";
import { setField } from "../../plan/expand/set-field.ts";
import type { ExpandedRun } from "../../plan/plan.ts";

/** Runs of a plan, some of them changed, and why each of those is to be executed, as a clause. */
export interface ChangedRuns<R> {
  runs: R[];
  changed: Map<string, string>;
}

/** A run of a plan, before or after its inputs are known. */
type Settable = DeclaredName & Pick<ExpandedRun, "task">;

export interface SettingScope {
  settings: readonly string[];
  /** The runs together, as a sentence begins: `the session`. */
  whole: string;
  /** The place of a declared run in its file, of all runs for null. */
  locate: (name: string | null) => Location | null;
}

interface Setting {
  text: string;
  targets: string[];
  location: Location | null;
  field: string;
  value: Json;
  valueText: string;
}

/**
 * Carries out what `--set RUN.FIELD=VALUE` says, one after the other. Problems: `invalid-setting`, `unknown-run`,
 * `unknown-field`, `invalid-value`; warnings: `unchanged`, `undeclared-parameter`.
 */
export function applySettings<R extends Settable>(
  runs: readonly R[],
  { settings, ...scope }: SettingScope,
): Checked<ChangedRuns<R>> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const byName = new Map(runs.map((run) => [run.run, run]));
  const changed = new Map<string, string>();
  for (const text of settings) {
    const setting = readSetting(runs, text, scope);
    if (!setting.ok) problems.push(...setting.problems);
    else if (!applySetting(byName, setting.value, { changed, problems, warnings }))
      warnings.push(
        warningAt(setting.value.location, "unchanged", `--set ${text} changes nothing: that is its value already`),
      );
  }
  if (problems.length > 0) return { ok: false, problems };
  return accept({ runs: [...byName.values()], changed }, warnings);
}

function readSetting<R extends Settable>(
  runs: readonly R[],
  text: string,
  { whole, locate }: Omit<SettingScope, "settings">,
): Checked<Setting> {
  const around = locate(null);
  const target = findTarget(runs, text);
  if (target.runs === null) {
    if (!/[.][^=]+=/.test(text)) return rejectForm(runs, text, around);
    const hint = target.hint ?? `--set takes RUN.FIELD=VALUE: ${exampleOf(runs, text)}`;
    const problem = problemAt(around, "unknown-run", `${whole} has no run "${target.name}"`, hint);
    return { ok: false, problems: [ofSetting(problem, { text, location: around })] };
  }
  const split = target.rest.indexOf("=");
  if (split < 1) return rejectForm(runs, text, around);
  const [field, valueText] = [target.rest.slice(0, split), target.rest.slice(split + 1)];
  const location = locate(target.runs[0]?.definition.name ?? null);
  const value = parseValue(valueText);
  if (!value.ok)
    return { ok: false, problems: value.problems.map((problem) => ofSetting(problem, { text, location })) };
  return accept({ text, targets: target.runs.map(({ run }) => run), location, field, value: value.value, valueText });
}

/** False if it changes no run. */
function applySetting<R extends Settable>(
  runs: Map<string, R>,
  { text, targets, location, field, value, valueText }: Setting,
  { changed, problems, warnings }: { changed: Map<string, string>; problems: Problem[]; warnings: Problem[] },
): boolean {
  const before = changed.size;
  for (const name of targets) {
    const run = runs.get(name);
    if (run === undefined) continue;
    const task = setField(run.task, { field, value, text: valueText });
    if (!task.ok) {
      // Arms are alike: what is wrong with one is said once.
      problems.push(...task.problems.map((problem) => ofSetting(problem, { text, location })));
      return true;
    }
    if (task.value === run.task) continue;
    if (!targets.some((other) => changed.has(other)))
      warnings.push(...task.warnings.map((warning) => ofSetting(warning, { text, location })));
    runs.set(name, { ...run, task: task.value });
    changed.set(name, `${field} is set to ${JSON.stringify(value)}`);
  }
  return changed.size > before || targets.some((name) => changed.has(name));
}

/** Example of a setting: of a parameter of the first run that can have some, else of a variable of a command. */
function exampleOf(runs: readonly Settable[], setting = "NAME=VALUE"): string {
  const taker = runs.find(({ task }) => task.kind !== "command");
  const { definition } = taker ?? runs[0] ?? {};
  return `--set ${definition?.name ?? "RUN"}.${taker === undefined ? "environment" : "params"}.${setting}`;
}

function ofSetting(problem: Problem, { text, location }: Pick<Setting, "text" | "location">): Problem {
  return { ...problem, location, message: `--set ${text}: ${problem.message}` };
}

function rejectForm(
  runs: readonly Settable[],
  text: string,
  location: Location | null,
): { ok: false; problems: Problem[] } {
  const message = `--set takes RUN.FIELD=VALUE, not "${text}"`;
  return { ok: false, problems: [problemAt(location, "invalid-setting", message, exampleOf(runs))] };
}
