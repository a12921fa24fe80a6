import type { RunHead } from "../../core/port/registry.ts";
import { formatLocalTime, showLocalTimes } from "../../core/text/local-time.ts";
import { formatDiscard } from "../../core/trash.ts";
import type { Beaten } from "../candidates.ts";
import { makerOf, type Why, type WhyLink, type WhyNot } from "../why.ts";
import { showName } from "./show-name.ts";

/** Formats a pin for people: how many versions it beat, and below it the reads of its writer. Ends with a line feed. */
export function toWhyText({ chain, at }: Why, { all = false }: { all?: boolean } = {}): string {
  const [first] = chain;
  const head =
    first === undefined ? [] : [`${describeRun(first.reader)}${at === null ? "" : `, as of ${formatLocalTime(at)}`}`];
  // Links are met level by level; a reader's own stand together below it.
  const below = Map.groupBy(chain.slice(1), ({ reader }) => reader.run_id);
  const lines: string[] = [];
  const stack = first === undefined ? [] : [first];
  for (let link = stack.pop(); link !== undefined; link = stack.pop()) {
    lines.push(...describeLink(link, all));
    const maker = makerOf(link);
    const next = maker === null ? [] : (below.get(maker.run_id) ?? []);
    if (maker !== null) below.delete(maker.run_id);
    stack.push(...next.toReversed());
  }
  return `${[...head, ...lines].join("\n")}\n`;
}

export function toWhyNotText({ version, dataset, pin, excluded_by }: WhyNot): string {
  if (excluded_by === null)
    return `${showName(version)} is the version of ${showName(dataset)} that was chosen: ${showReason(pin.reason)}\n`;
  return [
    `${showName(version)} was not chosen: ${excluded_by.rule}: ${showReason(excluded_by.reason)}`,
    `chosen instead: ${showName(pin.version)}, by rule ${pin.rule}: ${showReason(pin.reason)}`,
    "",
  ].join("\n");
}

function describeLink(link: WhyLink, all: boolean): string[] {
  const { depth, pin, writer, hash, discarded, beaten, tainted } = link;
  const indent = "   ".repeat(depth);
  const from = pin.from_dataset === null || pin.from_dataset === pin.dataset ? "" : ` (${showName(pin.from_dataset)})`;
  return [
    `${indent}${showName(pin.dataset)}${from} <- ${showName(pin.version)}  by rule ${pin.rule}: ${showReason(pin.reason)}`,
    ...(tainted === undefined ? [] : [`${indent}   ${showName(tainted)}`]),
    ...(hash === null || pin.reason.includes(hash) ? [] : [`${indent}   ${hash}`]),
    ...(writer === null ? [] : [`${indent}   saved by ${describeRun(writer)}`]),
    ...(discarded === null ? [] : [`${indent}   it ${formatDiscard(discarded)}`]),
    ...describeNotTaken(link, all).map((line) => `${indent}   ${line}`),
    ...(all ? beaten.map((each) => `${indent}      ${describeBeaten(each)}`) : []),
  ];
}

/** One line for all that was not taken, and the way to the whole list. */
function describeNotTaken({ not_taken: { by_rule, may_be_more } }: WhyLink, all: boolean): string[] {
  const groups = Object.entries(by_rule);
  if (groups.length === 0) return [];
  const count = groups.reduce((sum, [, number]) => sum + number, 0);
  const rules = groups.map(([rule, number]) => `${number} ${rule.replaceAll("-", " ")}`).join(", ");
  const line = `not chosen: ${count}${may_be_more ? " or more" : ""} (${rules})`;
  return [all ? line : `${line}; --all lists them`];
}

function describeBeaten({ version, writer, excluded_by }: Beaten): string {
  const who = writer === null ? "the project's own" : `${showName(writer.run)}, session ${writer.session_id}`;
  return `${showName(version)} (${who}): ${excluded_by.rule}: ${showReason(excluded_by.reason)}`;
}

/** A reason as it was recorded, with the reader's times. */
function showReason(reason: string): string {
  return showName(showLocalTimes(reason));
}

function describeRun({ run, run_id, attempt, status, workflow }: RunHead): string {
  return `${showName(run)}  ${status}  run ${run_id}${attempt > 1 ? ` (attempt ${attempt})` : ""} of ${showName(workflow)}`;
}
