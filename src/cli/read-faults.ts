import { readFileSync, statSync } from "node:fs";
import type { FaultRule } from "../core/answer/fault.ts";
import { splitFaultScript } from "../define/faults/fault-tokens.ts";
import { parseFaults } from "../define/faults/parse-faults.ts";
import { type DeclaredName, groupByName } from "../plan/expand/find-target.ts";
import { CliError } from "./errors.ts";
import { valueOrThrow } from "./read-workflow.ts";

const MAX_BYTES = 1024 * 1024;

export interface FaultScript {
  rules: FaultRule[];
  /** As they were written, one each. */
  texts: string[];
}

/** Reads what `--faults` says, each time a file or the rules themselves. Throws a CliError with every problem. */
export function readFaults(given: readonly string[], declared: readonly DeclaredName[]): FaultScript {
  const runs = new Map([...groupByName(declared)].map(([name, arms]) => [name, arms.map(({ run }) => run)]));
  const script: FaultScript = { rules: [], texts: [] };
  for (const argument of given) {
    const { text, file } = readScript(argument);
    const rules = valueOrThrow(parseFaults(text, { file, runs }), file);
    const texts = splitFaultScript(text, file).map((line) => line.map((word) => word.text).join(" "));
    script.rules.push(...rules);
    script.texts.push(...texts);
  }
  return script;
}

/** What has a blank in it is no path, unless there is such a file. */
function readScript(argument: string): { text: string; file: string } {
  const found = statSync(argument, { throwIfNoEntry: false });
  if (found?.isFile()) {
    if (found.size <= MAX_BYTES) return { text: readFileSync(argument, "utf8"), file: argument };
    throw new CliError("file-too-large", `${argument} is over 1 MiB`, { hint: "a fault script has one rule per line" });
  }
  if (/\s/.test(argument.trim())) return { text: argument, file: "--faults" };
  throw new CliError("file-missing", `there is no file ${argument}`, {
    hint: 'name a fault script, or write the rules: --faults "RUN fails twice"',
  });
}
