import type { CommanderError } from "commander";

const PARTS = "to run some runs of a workflow, name them after its file: `runweave run FILE RUN...`";
const CHANGES = "to change a parameter of a run: --set RUN.params.NAME=VALUE (`run`, `plan`, `validate`, `replay`)";
const FILE = "the workflow file is named without an option: `runweave run FILE`";
const ENVIRONMENT =
  "Kedro's environment stands in the workflow file, as `env: NAME` of a run or its `defaults`; for one session: --set RUN.env=NAME";
const SLICE =
  "what a run executes stands in the workflow file: `pipeline: NAME`, with `tags`, `nodes` and other filters";

/** Options that other tools have, and what runweave has for them. */
const HINTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(["--params", "--param", "--parameter", "--parameters", "-p"].map((flag) => [flag, CHANGES])),
  ...Object.fromEntries(["--run", "--runs", "--target", "--targets", "--select", "-r"].map((flag) => [flag, PARTS])),
  ...Object.fromEntries(["--env", "--environment", "-e"].map((flag) => [flag, ENVIRONMENT])),
  ...Object.fromEntries(
    ["--pipeline", "--pipelines", "--tag", "--tags", "--node", "--nodes"].map((flag) => [flag, SLICE]),
  ),
  ...Object.fromEntries(["--file", "--workflow", "-f"].map((flag) => [flag, FILE])),
};

/** Names the option that does the work of an unknown one; null if there is none. */
export function hintOption({ code, message }: Pick<CommanderError, "code" | "message">): string | null {
  if (code !== "commander.unknownOption") return null;
  const [, flag = ""] = /'(-{1,2}[a-z]+)/.exec(message) ?? [];
  return Object.hasOwn(HINTS, flag) ? (HINTS[flag] ?? null) : null;
}
