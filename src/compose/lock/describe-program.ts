import { isAbsolute } from "node:path";
import type { ProcessTask } from "../../core/port/runner.ts";
import type { ExpandedRun } from "../../plan/plan.ts";
import type { LockedEnvironment } from "../../resolve/lock/lock.ts";
import type { DescribedWork } from "../reuse/described-work.ts";
import type { IdentifyProgram } from "../reuse/identify-program.ts";
import type { WritePath } from "./portable-path.ts";

/** Program of a command, as a lock file has it. */
export interface DescribedProgram extends Pick<DescribedWork, "watched"> {
  program: Record<string, string>;
  /** Packages of a Python. */
  environment: LockedEnvironment | null;
  unlocked: string[];
}

/** Describes a program without its place on this machine: its content identifies it. */
export async function describeProgram(
  task: ProcessTask,
  { hidden, write, identify }: { hidden: ExpandedRun; write: WritePath; identify: IdentifyProgram },
): Promise<DescribedProgram> {
  const nothing = { program: {}, environment: null, unlocked: [], watched: [] };
  if (task.kind === "module") return { ...nothing, program: { found: "as runweave's own", version: OWN_NODE } };
  const word = task.shell ? "sh" : ((hidden.task.kind === "command" ? hidden.task.argv[0] : undefined) ?? "");
  const identified = await identify(task);
  if (!identified.ok) return { ...nothing, unlocked: [`the program '${write(word)}': it can't be found or read`] };
  const { path, hash, python, node, watched } = identified.program;
  const version = python !== null ? `Python ${python.python}` : node !== null ? `Node ${node}` : null;
  const program = { found: formatPlace(word, path, write), hash, ...(version === null ? {} : { version }) };
  return { program, environment: python === null ? null : toLocked(python), unlocked: [], watched: [watched] };
}

const OWN_NODE = `Node ${process.versions.node}`;

function formatPlace(word: string, path: string, write: WritePath): string {
  if (!word.includes("/") && !word.includes("${")) return "on PATH";
  return isAbsolute(write(path)) ? "on the machine" : "in the checkout";
}

function toLocked({ python, kedro, packages }: LockedEnvironment): LockedEnvironment {
  return { python, ...(kedro ? { kedro } : {}), packages };
}
