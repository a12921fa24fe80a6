import { type CollectionPlan, collect, countRules, planCollection } from "../../compose/collect-garbage.ts";
import { systemClock } from "../../core/clock.ts";
import { formatBytes } from "../../report/duration.ts";
import { renderTrash } from "../../report/trash-table.ts";
import { showLine } from "../await-plan.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { type RegistryFlag, writeRegistry } from "../open-registry.ts";
import { lookOf, writeJson, writeLines } from "../terminal.ts";

export interface GcFlags extends RegistryFlag {
  keepLast?: number;
  olderThan?: string;
  yes?: boolean;
  json?: boolean;
}

/** `runweave gc`: says what would go; with `--yes` moves it to the trash. */
export async function collectGarbage(flags: GcFlags): Promise<ExitCode> {
  const { keepLast = null, olderThan = null, yes = false } = flags;
  if (keepLast === null && olderThan === null) {
    const hint = "say --keep-last 5, --older-than 30d, or both: then what either keeps stays";
    throw new CliError("missing-retention", "what is to be kept?", { hint });
  }
  return await writeRegistry<ExitCode>(flags, async (registry, folders) => {
    const retention = { keepLast, since: olderThan };
    const plan = await showing("looking for what may go …", () => planCollection({ folders, registry }, retention));
    const context = { folders, registry, clock: systemClock };
    if (yes) await showing(`collecting ${plan.goes.length} runs …`, () => collect(context, plan.goes));
    if (flags.json) writeJson(toJson(plan, yes));
    else writeLines(process.stdout, describe(plan, yes));
    return 0;
  });
}

/** A line while it goes on, on a terminal. */
async function showing<T>(text: string, work: () => Promise<T>): Promise<T> {
  const dropLine = showLine(text, process.stderr);
  try {
    return await work();
  } finally {
    dropLine();
  }
}

function toJson({ goes, kept, elsewhere }: CollectionPlan, collected: boolean) {
  const bytes = goes.reduce((sum, attempt) => sum + attempt.bytes, 0);
  return { collected, bytes, goes, kept, kept_by_rule: countRules(kept), elsewhere };
}

function describe({ goes, kept, elsewhere }: CollectionPlan, isDone: boolean): string[] {
  const bytes = goes.reduce((sum, attempt) => sum + attempt.bytes, 0);
  const rows = goes.map(({ run_id: id, run, time, reason, bytes }) => ({ id, run, time, reason, bytes }));
  const rules = Object.entries(countRules(kept)).map(([rule, count]) => `${count} ${rule}`);
  const what = `${goes.length} ${goes.length === 1 ? "run" : "runs"}, ${formatBytes(bytes)}`;
  const hint = isDone ? "`runweave trash empty` frees the space" : "`--yes` moves it to the trash";
  return [
    ...(goes.length === 0 ? [] : [...renderTrash(rows, lookOf(process.stdout)), ""]),
    ...(goes.length === 0 ? ["nothing to collect"] : [`${isDone ? "collected" : "would collect"} ${what}; ${hint}`]),
    `kept ${kept.length}${rules.length === 0 ? "" : `: ${rules.join(", ")}`}`,
    ...(elsewhere.length === 0 ? [] : [`${elsewhere.length} may go, but have nothing of their own on this disk`]),
  ];
}
