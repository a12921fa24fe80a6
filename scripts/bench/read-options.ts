import { parseArgs } from "node:util";

/** What the command line of the benchmarks says. */
export interface BenchOptions {
  /** Names of benchmarks, each once. */
  readonly chosen: readonly string[];
  readonly iterations: number;
  readonly allRivals: boolean;
  /** A file for the results. */
  readonly json: string | undefined;
}

const DEFAULT_ITERATIONS = 5;

/** Reads the arguments; undefined if they make no sense. */
export function readOptions(args: readonly string[], names: readonly string[]): BenchOptions | undefined {
  const values = readArguments(args);
  if (!values) return undefined;
  const wanted = values.only === undefined ? names : values.only.split(",");
  const iterations = Number(values.iterations ?? DEFAULT_ITERATIONS);
  const isSensible = wanted.every((name) => names.includes(name)) && Number.isInteger(iterations) && iterations > 0;
  if (!isSensible) return undefined;
  const chosen = names.filter((name) => wanted.includes(name));
  return { chosen, iterations, allRivals: values["all-rivals"] ?? false, json: values.json };
}

function readArguments(args: readonly string[]) {
  const text = { type: "string" } as const;
  const options = { only: text, iterations: text, json: text, "all-rivals": { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch {
    return undefined;
  }
}
