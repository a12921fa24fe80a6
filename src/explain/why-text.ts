import type { RunHead } from "../core/registry.ts";
import { tellDiscard } from "../core/trash.ts";
import type { Beaten } from "./candidates.ts";
import { showName } from "./show-name.ts";
import type { Why, WhyLink, WhyNot } from "./why.ts";

/** For people: the pin, what it beat, and below it what its writer read. Ends with a line feed. */
export function toWhyText({ chain, at }: Why): string {
  const [first] = chain;
  const head = first === undefined ? [] : [`${describeRun(first.reader)}${at === null ? "" : `, as of ${at}`}`];
  // Links are met level by level; a reader's own stand together below it.
  const below = Map.groupBy(chain.slice(1), ({ reader }) => reader.run_id);
  const lines: string[] = [];
  const stack = first === undefined ? [] : [first];
  for (let link = stack.pop(); link !== undefined; link = stack.pop()) {
    lines.push(...describeLink(link));
    const next = link.writer === null ? [] : (below.get(link.writer.run_id) ?? []);
    if (link.writer !== null) below.delete(link.writer.run_id);
    stack.push(...next.toReversed());
  }
  return `${[...head, ...lines].join("\n")}\n`;
}

export function toWhyNotText({ version, dataset, pin, excluded_by }: WhyNot): string {
  if (excluded_by === null)
    return `${showName(version)} is the version of ${showName(dataset)} that was taken: ${showName(pin.reason)}\n`;
  return [
    `${showName(version)} was not taken: ${excluded_by.rule}: ${showName(excluded_by.reason)}`,
    `taken was ${showName(pin.version)}, by rule ${pin.rule}: ${showName(pin.reason)}`,
    "",
  ].join("\n");
}

function describeLink({ depth, pin, writer, hash, discarded, beaten, tainted }: WhyLink): string[] {
  const indent = "   ".repeat(depth);
  const from = pin.from_dataset === null || pin.from_dataset === pin.dataset ? "" : ` (${showName(pin.from_dataset)})`;
  return [
    `${indent}${showName(pin.dataset)}${from} <- ${showName(pin.version)}  by rule ${pin.rule}: ${showName(pin.reason)}`,
    ...(tainted === undefined ? [] : [`${indent}   ${showName(tainted)}`]),
    ...(hash === null ? [] : [`${indent}   ${hash}`]),
    ...(writer === null ? [] : [`${indent}   saved by ${describeRun(writer)}`]),
    ...(discarded === null ? [] : [`${indent}   it ${tellDiscard(discarded)}`]),
    ...beaten.map((each) => `${indent}   beat ${describeBeaten(each)}`),
  ];
}

function describeBeaten({ version, writer, excluded_by }: Beaten): string {
  const who = writer === null ? "the project's own" : `${showName(writer.run)}, session ${writer.session_id}`;
  return `${showName(version)} (${who}): ${excluded_by.rule}: ${showName(excluded_by.reason)}`;
}

function describeRun({ run, run_id, attempt, status, workflow }: RunHead): string {
  return `${showName(run)}  ${status}  run ${run_id}${attempt > 1 ? ` (attempt ${attempt})` : ""} of ${showName(workflow)}`;
}
