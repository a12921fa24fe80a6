import type { WorkflowDefinition } from "../define/definition.ts";
import { interruptedError } from "./errors.ts";
import { orInterrupted } from "./watch-signals.ts";

const ERASE_LINE = "\r\u001b[K";

/** A plan that is being made: says what takes so long while projects are asked, and gives up when interrupted. */
export async function awaitPlan<T>(
  prepared: Promise<T>,
  { definition, interrupt }: { definition: WorkflowDefinition; interrupt: AbortSignal },
): Promise<T> {
  const asksProjects = definition.runs.some(({ kind }) => kind === "kedro");
  const dropLine = asksProjects ? showLine("reading the project's pipelines …", process.stderr) : () => {};
  try {
    return await orInterrupted(prepared, interrupt, interruptedError);
  } finally {
    dropLine();
  }
}

/** A line that goes away again, on a terminal that can do so; nothing elsewhere. */
export function showLine(
  text: string,
  stream: Pick<NodeJS.WriteStream, "isTTY" | "write">,
  environment: NodeJS.ProcessEnv = process.env,
): () => void {
  if (stream.isTTY !== true || environment.TERM === "dumb") return () => {};
  stream.write(text);
  return () => stream.write(ERASE_LINE);
}
