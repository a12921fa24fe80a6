import { formatBytes } from "../../report/text/duration.ts";
import { listSealed } from "../../runners/answers/sealed-files.ts";
import { answersFolder } from "../locate-state.ts";
import { type Finding, findingOk } from "./finding.ts";
import type { StatePlace } from "./state-check.ts";

/** Tells how much is kept of what Kedro projects have answered. */
export function checkAnswers({ state }: StatePlace): Finding[] {
  const folder = answersFolder(state.root);
  const files = listSealed(folder);
  if (files.length === 0) return [];
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const detail = `${files.length} kept ${files.length === 1 ? "answer" : "answers"} of Kedro projects about their pipelines, ${formatBytes(bytes)}`;
  return [findingOk("answers", detail, `\`--probe\` asks anew; ${folder} can be removed at any time`)];
}
