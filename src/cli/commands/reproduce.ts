import { sourceOf } from "../../compose/registry-source.ts";
import { reproduce } from "../../compose/reproduce/reproduce.ts";
import { renderReproduction } from "../../report/result/reproduction.ts";
import { showLine } from "../await-plan.ts";
import { type ExitCode, interruptedError } from "../errors.ts";
import { findStartedRun } from "../find/find-and-tell.ts";
import { listFallbacks } from "../find/tell-fallback.ts";
import { type RegistryFlag, readRegistryAsync } from "../open-registry.ts";
import { writeText } from "../terminal.ts";
import { watchSignals } from "../watch-signals.ts";
import { writeAnswer } from "../write-answer.ts";

export interface ReproduceFlags extends RegistryFlag {
  session?: string;
  tolerance?: number;
  ignoreRowOrder?: boolean;
  allowDrift?: boolean;
  rebuildEnv?: boolean;
  keep?: boolean;
  json?: boolean;
}

/** `runweave reproduce RUN`: exit 1 if anything came to something else. */
export async function reproduceRun(id: string, flags: ReproduceFlags): Promise<ExitCode> {
  const stops = watchSignals();
  const steps = tellSteps();
  try {
    const reproduction = await readRegistryAsync(flags, async (reader, state) => {
      const { tolerance = 0, ignoreRowOrder = false } = flags;
      const { run, fallback } = findStartedRun(reader, id, { session: flags.session });
      const reproduction = await reproduce(run, {
        ...{ reader, state, environment: process.env, interrupt: stops.interrupt, kill: stops.kill },
        source: sourceOf(reader, state.registry),
        leniency: { tolerance, ignoreRowOrder },
        allowsDrift: flags.allowDrift === true,
        rebuildsEnvironment: flags.rebuildEnv === true,
        keeps: flags.keep === true,
        onStep: steps.tell,
      });
      return { ...reproduction, fallbacks: listFallbacks(fallback) };
    });
    if (stops.interrupt.aborted) throw interruptedError();
    steps.end();
    if (flags.json) writeAnswer("reproduce", reproduction);
    else writeText(process.stdout, `${renderReproduction(reproduction).join("\n")}\n`);
    return reproduction.verdict === "identical" || reproduction.verdict === "equal" ? 0 : 1;
  } finally {
    steps.end();
    stops.close();
  }
}

/** The step under way, on a terminal; each takes the place of the one before. */
function tellSteps(): { tell(step: string): void; end(): void } {
  let drop = (): void => {};
  const end = (): void => {
    drop();
    drop = () => {};
  };
  return {
    tell: (step) => {
      end();
      drop = showLine(`${step} …`, process.stderr);
    },
    end,
  };
}
