import { basename } from "node:path";
import type { EnvironmentFacts } from "../../core/run.ts";
import { createEnvironmentTeller, type EnvironmentSignal } from "./environment.ts";
import { readEnvironment } from "./read-environment.ts";

const PYTHON = /^python(?:\d+(?:\.\d+)?)?$/;

/** Environment of a program, as an event; null unless it is a Python that tells. Never rejects. */
export type DescribePython = (program: string, environment: NodeJS.ProcessEnv) => Promise<EnvironmentSignal | null>;

/** Asks each interpreter once: it takes as long as starting it. */
export function createPythonTeller(): DescribePython {
  const describe = createEnvironmentTeller();
  const known = new Map<string, Promise<EnvironmentFacts | null>>();
  return async (program, environment) => {
    if (!isPython(program)) return null;
    const key = `${program}\0${environment.PYTHONPATH}`;
    const asked = known.get(key) ?? readEnvironment(program, environment).catch(() => null);
    known.set(key, asked);
    const facts = await asked;
    return facts === null ? null : describe(facts);
  };
}

/** Environment of a Python; null for other programs, `silent` for one that can't tell. `answers` keeps it, if given. */
export async function askPython(
  program: string,
  environment: NodeJS.ProcessEnv,
  answers?: string,
): Promise<EnvironmentFacts | "silent" | null> {
  if (!isPython(program)) return null;
  return await readEnvironment(program, environment, answers).catch(() => "silent" as const);
}

/** Tells a Python by its name: `python`, `python3`, `python3.11`. */
function isPython(program: string): boolean {
  return PYTHON.test(basename(program));
}
