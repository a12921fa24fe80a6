import { parseArgs } from "node:util";
import { TRIAL_KINDS } from "./kinds/index.ts";
import type { TrialKind } from "./trial.ts";

export interface ChaosArguments {
  kinds: { kind: TrialKind; trials: number; firstSeed: number }[];
  /** An installed package; null to build one. */
  packageFolder: string | null;
  json: boolean;
  /** Instead of trials: whether they find the bugs that are planted. */
  planted: boolean;
}

const OPTIONS = {
  kinds: { type: "string" },
  trials: { type: "string" },
  seed: { type: "string" },
  kills: { type: "string" },
  "kedro-kills": { type: "string" },
  package: { type: "string" },
  json: { type: "boolean" },
  planted: { type: "boolean" },
} as const;

/** The kinds behind `--kills` and `--kedro-kills`. */
const KILLS = { kills: "killed-orchestrator", "kedro-kills": "killed-kedro" } as const;

/** Throws if the arguments make no sense, saying why. */
export function readArguments(args: readonly string[]): ChaosArguments {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
  const firstSeed = readNumber(values.seed, 0);
  const counts = readCounts(values);
  const kinds = TRIAL_KINDS.filter(({ name }) => counts.has(name)).map((kind) => {
    return { kind, trials: counts.get(kind.name) ?? kind.share, firstSeed };
  });
  return { kinds, packageFolder: values.package ?? null, json: values.json ?? false, planted: values.planted ?? false };
}

/** Of each kind that is wanted; undefined for its share. */
function readCounts(values: Record<string, string | boolean | undefined>): Map<string, number | undefined> {
  const counts = new Map<string, number | undefined>();
  for (const [option, kind] of Object.entries(KILLS)) {
    if (values[option] !== undefined) counts.set(kind, readNumber(values[option], 0));
  }
  const named = typeof values.kinds === "string" ? values.kinds.split(",") : [];
  const unknown = named.find((name) => !TRIAL_KINDS.some((kind) => kind.name === name));
  if (unknown !== undefined) throw new Error(`there is no kind ${unknown}: ${TRIAL_KINDS.map(({ name }) => name)}`);
  const trials = values.trials === undefined ? undefined : readNumber(values.trials, 0);
  const wanted = named.length > 0 || counts.size > 0 ? named : TRIAL_KINDS.map(({ name }) => name);
  for (const name of wanted) counts.set(name, trials);
  return counts;
}

function readNumber(text: unknown, fallback: number): number {
  if (text === undefined) return fallback;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`${text} is no whole number`);
}
