import { readSpec } from "../../compose/failures/read-spec.ts";
import type { StateLocation } from "../../compose/locate-state.ts";
import type { RegistryReader } from "../../core/registry.ts";
import type { RunId } from "../../core/run-id.ts";
import { explainAbsence, explainPin, type WhyQuestion } from "../../explain/why.ts";
import { toWhyNotText, toWhyText } from "../../explain/why-text.ts";
import type { ExitCode } from "../errors.ts";
import { findStartedRun } from "../find-run.ts";
import { type RegistryFlag, readRegistry } from "../open-registry.ts";
import { writeJson } from "../terminal.ts";

export interface WhyFlags extends RegistryFlag {
  session?: string;
  at?: string;
  json?: boolean;
}

/** `runweave why DATASET RUN`. */
export function explainVersion(dataset: string, id: string, flags: WhyFlags): ExitCode {
  const why = readRegistry(flags, (reader, state) => explainPin(reader, askOf(reader, { dataset, id, flags, state })));
  if (flags.json) writeJson(why);
  else process.stdout.write(toWhyText(why));
  return 0;
}

/** `runweave why-not VERSION DATASET RUN`. */
export function explainOtherVersion(version: string, dataset: string, id: string, flags: WhyFlags): ExitCode {
  const whyNot = readRegistry(flags, (reader, state) =>
    explainAbsence(reader, { ...askOf(reader, { dataset, id, flags, state }), version }),
  );
  if (flags.json) writeJson(whyNot);
  else process.stdout.write(toWhyNotText(whyNot));
  return 0;
}

function askOf(
  reader: RegistryReader,
  { dataset, id, flags, state }: { dataset: string; id: string; flags: WhyFlags; state: StateLocation },
): WhyQuestion {
  const { session, at } = flags;
  const found = findStartedRun(reader, id, session, at);
  const [run] = reader.findHeads([found.run_id]);
  if (run === undefined) throw new Error(`the registry has lost run ${found.run_id}`);
  return { dataset, run, at: at ?? null, floating: listFloating(state, found.run_id) };
}

/** As the run's process was told; nothing if that is not there any more. */
function listFloating(state: StateLocation, runId: RunId): string[] {
  const floating = readSpec(state, runId)?.floating;
  return Array.isArray(floating) ? floating.filter((name) => typeof name === "string") : [];
}
