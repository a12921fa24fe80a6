import { NO_RESOURCES, parseBytes, RESOURCE_KINDS, type Resources } from "../../core/resources.ts";
import type { KeyPath } from "../definition.ts";
import { atValue, type Finding } from "../finding.ts";
import type { ResourcesInput } from "../schema.ts";
import { describeValue } from "../schema-issues.ts";

/** Least number of bytes; a smaller one is taken for a number without its unit. */
const LEAST_MEMORY_BYTES = 1e6;
/** Shares of a CPU are told apart down to this. */
const CPU_STEP = 0.001;

/** Reads the resources of a run: its own, else those of `defaults`, kind by kind. */
export function readResources(
  own: ResourcesInput | undefined,
  path: KeyPath,
  { defaults, findings }: { defaults: ResourcesInput | undefined; findings: Finding[] },
): Resources {
  // A wrong default was found once, where it stands.
  return { ...NO_RESOURCES, ...readAmounts(defaults, [], []), ...readAmounts(own, path, findings) };
}

/** The kinds that are said, as far as they are right. */
export function readAmounts(input: ResourcesInput | undefined, path: KeyPath, findings: Finding[]): Partial<Resources> {
  const amounts: Partial<Resources> = {};
  for (const kind of RESOURCE_KINDS) {
    const said = input?.[kind];
    if (said === undefined) continue;
    const amount = kind === "memory" ? readMemory(said) : readCount(said, kind);
    if (typeof amount === "number") amounts[kind] = amount;
    else findings.push(atValue([...path, kind], "invalid-resources", ...amount));
  }
  return amounts;
}

type Fault = [message: string, hint: string];

function readMemory(said: number | string): number | Fault {
  const hint = "write 500MB, 2GB or 2GiB; a number alone is bytes";
  // The text was found to have a reference, which is not filled in here.
  if (typeof said === "string" && said.includes("${")) return 0;
  const bytes = typeof said === "number" ? said : parseBytes(said.trim());
  if (bytes === null) return [`${describeValue(said)} is not an amount of memory`, hint];
  if (bytes === 0) return 0;
  if (!Number.isSafeInteger(bytes)) return [`${describeValue(said)} is not a number of bytes`, hint];
  return bytes >= LEAST_MEMORY_BYTES ? bytes : [`${describeValue(said)} is less than 1 MB of memory`, hint];
}

function readCount(said: number | string, kind: "cpu" | "gpu"): number | Fault {
  const count = Number(said);
  if (!Number.isFinite(count) || count < 0 || count > 1e6)
    return [`${describeValue(said)} is not a number of ${kind}s`, "write 1"];
  if (kind === "gpu")
    return Number.isInteger(count) ? count : [`${describeValue(said)} is not a whole number of GPUs`, "write 1"];
  const rounded = Math.round(count / CPU_STEP) / (1 / CPU_STEP);
  return count === 0 || rounded > 0
    ? rounded
    : [`${describeValue(said)} is less than ${CPU_STEP} CPUs`, "write 0.5 or more"];
}
