import { parseArgs } from "node:util";
import { TRIAL_KINDS } from "./kinds/index.ts";
import type { TrialKind } from "./trial.ts";

export interface ChaosArguments {
  kinds: { kind: TrialKind; trials: number; firstSeed: number }[];
  /** An installed package; null to build one. */
  packageFolder: string | null;
  json: boolean;
  /** Part of the words that tell of a case; empty for all. */
  only: string;
  /** Instead of trials: whether they find the bugs that are planted. */
  planted: boolean;
}

const OPTIONS = {
  kinds: { type: "string" },
  trials: { type: "string" },
  full: { type: "boolean" },
  seed: { type: "string" },
  only: { type: "string" },
  package: { type: "string" },
  json: { type: "boolean" },
  planted: { type: "boolean" },
} as const;

/** The whole campaign is so many times the share of a kind that does not say otherwise. */
const FULL_TIMES = 10;

/** Throws if the arguments make no sense, saying why. */
export function readArguments(args: readonly string[]): ChaosArguments {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, strict: true });
  const firstSeed = readNumber(values.seed, 0);
  const trialsOf = ({ share, full }: TrialKind) => (values.full ? (full ?? FULL_TIMES * share) : share);
  const kinds = findKinds(values.kinds).map((kind) => {
    return { kind, trials: readNumber(values.trials, trialsOf(kind)), firstSeed };
  });
  const { package: packageFolder = null, json = false, only = "", planted = false } = values;
  return { kinds, packageFolder, json, only, planted };
}

function findKinds(names: string | undefined): TrialKind[] {
  if (names === undefined) return [...TRIAL_KINDS];
  return names.split(",").map((name) => {
    const kind = TRIAL_KINDS.find((each) => each.name === name);
    if (kind === undefined) throw new Error(`there is no kind ${name}: ${TRIAL_KINDS.map((each) => each.name)}`);
    return kind;
  });
}

function readNumber(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`${text} is no whole number`);
}
