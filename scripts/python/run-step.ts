import { spawn } from "node:child_process";
import { SetUpError } from "./set-up-error.ts";
import { startProgress } from "./show-progress.ts";

/** One command of a set-up, with what to call it while it runs. */
export interface Step {
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
}

const KEPT_LINES = 15;
const KEPT_WIDTH = 300;
const NO_NETWORK =
  /temporary failure in name resolution|name or service not known|nodename nor servname|NewConnectionError|ConnectTimeout|ConnectionError|ProxyError|network is unreachable|connection (refused|reset|aborted)|max retries exceeded|dns error|error sending request|failed to fetch/i;

/**
 * Runs a step to its end, showing its latest line and the time that it has taken.
 *
 * @throws {SetUpError} if it fails, with the end of what it printed; it says so if there is no network
 */
export async function runStep(step: Step): Promise<void> {
  const progress = startProgress(step.label);
  const output: string[] = [];
  const status = await runCommand(step, (line) => {
    output.push(line);
    progress.note(line);
  });
  progress.end(status === 0);
  if (status !== 0) throw explainFailure(step, output);
}

function runCommand(step: Step, onLine: (line: string) => void): Promise<number | null> {
  return new Promise((resolve) => {
    // stdin stays open on purpose: its end is how the step learns that this process has died.
    const child = spawn(step.command, step.args, { stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      let tail = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        const lines = (tail + chunk).split("\n");
        tail = lines.pop() ?? "";
        for (const line of lines) if (line.trim()) onLine(line.trim());
      });
      stream.on("end", () => tail.trim() && onLine(tail.trim()));
    }
    child.on("error", (error) => {
      onLine(error.message);
      resolve(null);
    });
    child.on("close", resolve);
  });
}

function explainFailure(step: Step, output: readonly string[]): SetUpError {
  const tail = output
    .slice(-KEPT_LINES)
    .map((line) => line.slice(0, KEPT_WIDTH))
    .join("\n    ");
  if (output.some((line) => NO_NETWORK.test(line))) {
    return new SetUpError(
      `${step.label} failed: the package index can't be reached.\n    ${tail}`,
      "Check the network, or name an index that you can reach in PIP_INDEX_URL (UV_INDEX_URL for uv).",
    );
  }
  return new SetUpError(
    `${step.label} failed.\n    ${tail}`,
    "Fix what it says above, then start again: what was begun is redone.",
  );
}
