import type { WarmVerdict } from "../compose/verify/verify-warm.ts";
import { cleanText } from "../report/text/clean-text.ts";
import { writeLines } from "./terminal.ts";

/** What `--verify-warm` found, on stderr: stdout may be for a script. */
export function writeVerdicts(verdicts: readonly WarmVerdict[]): void {
  writeLines(process.stderr, verdicts.flatMap(describeVerdict).map(cleanText));
}

function describeVerdict({ run, project_path, leaks, random_outputs }: WarmVerdict): string[] {
  const random = random_outputs.map(
    (dataset) => `  ${dataset} differs each time that the run is done: this says nothing`,
  );
  if (leaks.length === 0) return [`${run}: warm equals cold`, ...random];
  return [
    `${run}: warm differs from cold`,
    ...leaks.map((leak) => `  leaked: ${leak}`),
    ...random,
    `  ${project_path} is kept cold from now on; \`runweave doctor\` shows it, \`runweave doctor --forget-cold\` ends it`,
  ];
}
