import { isDataFile } from "../../core/data-file.ts";
import type { Json } from "../../core/run.ts";
import { type Difference, EFFECTS, type Part } from "../diff-run.ts";
import { showName } from "./show-name.ts";

/** Parts of a comparison that `toDiffText` needs. */
interface Compared {
  a: string;
  b: string;
  runs: readonly { run: string; a: { run_id: string }; b: { run_id: string }; differences: readonly Difference[] }[];
  compared: number;
  only_a: readonly string[];
  only_b: readonly string[];
  first_cause: (Difference & { run: string }) | null;
}

const SHOWN = 40;

/**
 * Formats a comparison for people: the first cause, then the differences run by run, upstream first. Ends with a line
 * feed.
 */
export function toDiffText({ a, b, runs, compared, only_a, only_b, first_cause }: Compared): string {
  const lines = [
    `a  ${a}`,
    `b  ${b}`,
    ...only_a.map((run) => `only in a: ${showName(run)}`),
    ...only_b.map((run) => `only in b: ${showName(run)}`),
    describeCause(first_cause, runs),
    ...runs.flatMap((diff) => [
      "",
      `${showName(diff.run)}  ${diff.a.run_id} -> ${diff.b.run_id}`,
      ...listParts(diff.differences),
    ]),
    "",
    `${runs.length} of ${compared} ${compared === 1 ? "run differs" : "runs differ"}`,
  ];
  return `${lines.join("\n")}\n`;
}

function describeCause(cause: Compared["first_cause"], runs: Compared["runs"]): string {
  if (cause !== null) return `first cause: ${label(cause)} of ${showName(cause.run)}: ${describe(cause)}`;
  if (runs.length === 0) return "nothing differs";
  const differing = runs.flatMap(({ differences }) => differences);
  if (differing.every(({ part }) => part === "durations")) return "only the durations differ";
  return "first cause: unknown; the difference comes from chance, or from something that is not recorded";
}

function listParts(differences: readonly Difference[]): string[] {
  return [...Map.groupBy(differences, label)].flatMap(([label, list]) => [
    ...list
      .slice(0, SHOWN)
      .map((difference) => `  ${mark(difference.part)} ${label.padEnd(11)} ${describe(difference)}`),
    ...(list.length > SHOWN ? [`    ${label.padEnd(11)} … and ${list.length - SHOWN} more`] : []),
  ]);
}

/** Files of data that a command names are recorded with its code, and are none. */
function label({ part, key }: Difference): string {
  return part === "code" && isDataFile(key) ? "file" : part;
}

/** Sets effects apart from causes. */
function mark(part: Part): string {
  return EFFECTS.has(part) ? " " : "*";
}

function describe({ part, key, a, b }: Difference): string {
  const change =
    typeof a === "number" && typeof b === "number"
      ? `  (${b - a > 0 ? "+" : ""}${Number((b - a).toPrecision(6))})`
      : "";
  const [left, right] = narrow(show(a, part, b), show(b, part, a));
  return `${showName(key)}: ${left} -> ${right}${change}`;
}

/** A digest stands for a parameter of the project itself: where there is none, the project has none. */
const DIGEST = /^[0-9a-f]{16,}$/;

/** A parameter that a run is not given has the project's own value, which is not on record. */
function show(value: Json, part: Part, other: Json): string {
  if (value === null)
    return part === "params" && !(typeof other === "string" && DIGEST.test(other)) ? "(the project's)" : "-";
  return showName(typeof value === "string" ? value : spaceJson(value));
}

/** JSON on one line, with a space after each comma and colon, where a line can be folded. */
function spaceJson(value: Json): string {
  // A line feed within a text is escaped, so that these are all of the form.
  const lines = JSON.stringify(value, null, 1);
  return lines
    .replaceAll(/(?<=[[{])\n */g, "")
    .replaceAll(/\n *(?=[\]}])/g, "")
    .replaceAll(/\n */g, " ");
}

/** Texts longer than this are shown where they differ. */
const MAX_LENGTH = 80;
const AROUND = 20;

/** Two long texts without what is alike at their beginnings and ends, but for a few letters, and each clipped. */
function narrow(a: string, b: string): [string, string] {
  if (Math.max(a.length, b.length) <= MAX_LENGTH) return [a, b];
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const from = start > 2 * AROUND ? start - AROUND : 0;
  const left = end > 2 * AROUND ? end - AROUND : 0;
  const cut = (text: string) => {
    const middle = text.slice(from, text.length - left);
    const clipped =
      middle.length > 2 * MAX_LENGTH ? `${middle.slice(0, 2 * MAX_LENGTH)}…` : `${middle}${left > 0 ? "…" : ""}`;
    return `${from > 0 ? "…" : ""}${clipped}`.toWellFormed();
  };
  return [cut(a), cut(b)];
}
