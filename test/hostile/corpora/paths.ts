import { loadWorkflow } from "../../../src/define/load.ts";
import { expandRuns } from "../../../src/plan/expand/expand.ts";
import type { Corpus } from "../corpus.ts";
import { listTraversals } from "../hostile-texts.ts";
import type { Sandbox } from "../sandbox.ts";

/** Command lines that take a text from whoever types it. */
const WORDS: Readonly<Record<string, (text: string) => string[]>> = {
  "show ID": (text) => ["show", text],
  "runs --session": (text) => ["runs", "--session", text],
  "runs --workflow": (text) => ["runs", "--workflow", text],
  "runs --tag": (text) => ["runs", "--tag", text],
  "sessions --workflow": (text) => ["sessions", "--workflow", text],
  "errors ID": (text) => ["errors", text],
  "logs RUN": (text) => ["logs", text],
  "logs --session": (text) => ["logs", "make", "--session", text],
  "lineage RUN": (text) => ["lineage", text],
  "lineage --format ro-crate": (text) => ["lineage", text, "--format", "ro-crate"],
  "lineage --undeclared": (text) => ["lineage", text, "--undeclared"],
  "why DATASET": (text) => ["why", text, "use"],
  "why RUN": (text) => ["why", "data", text],
  "why --not VERSION": (text) => ["why", "data", "use", "--not", text],
  "diff A": (text) => ["diff", text, "latest"],
  "diff B": (text) => ["diff", "latest", text],
  "verify ID": (text) => ["verify", text],
  "verify --expect": (text) => ["verify", "--expect", text],
  "resume ID": (text) => ["resume", text],
  "cancel ID": (text) => ["cancel", text, "--no-wait"],
  "alias NAME": (text) => ["alias", "set", text, "data@make"],
  "alias DATASET": (text) => ["alias", "set", "a", `${text}@make`],
  "alias RUN": (text) => ["alias", "set", "a", `data@${text}`],
  "alias list": (text) => ["alias", "list", text],
  "tag RUN": (text) => ["tag", text, "a=b"],
  "tag KEY": (text) => ["tag", "make", `${text}=b`],
  "note RUN": (text) => ["note", text, "text"],
};

/** Traversals typed as names, ids and versions. */
export function typedPaths(sandbox: Sandbox): Corpus {
  return {
    name: "typed-paths",
    what: "traversals as ids, names and versions on the command line",
    cases: Object.entries(WORDS).flatMap(([sink, words]) =>
      listTraversals(sandbox.outside).map((text) => ({
        name: `${sink}: ${text.slice(0, 80)}`,
        check: () => sandbox.judge(words(text)),
      })),
    ),
  };
}

const COMMAND = { command: ["true"] };

/** Places of a workflow file that become paths, or names that are shown. */
const FIELDS: Readonly<Record<string, (text: string) => unknown>> = {
  name: (text) => ({ name: text, runs: { a: COMMAND } }),
  "run name": (text) => ({ runs: { [text]: COMMAND } }),
  axis: (text) => ({ runs: { a: { ...COMMAND, matrix: { [text]: [1] } } } }),
  arm: (text) => ({ runs: { a: { ...COMMAND, matrix: { x: [text, 1] } } } }),
  needs: (text) => ({ runs: { a: COMMAND, b: { ...COMMAND, needs: [text] } } }),
  output: (text) => ({ runs: { a: { ...COMMAND, outputs: [text] } } }),
  "captured path": (text) => ({ runs: { a: { ...COMMAND, outputs: { x: text } } } }),
  "consumed dataset": (text) => ({
    runs: { a: { ...COMMAND, outputs: [text] }, b: { ...COMMAND, consumes: { [text]: "a" } } },
  }),
  "consumed run": (text) => ({ runs: { a: { ...COMMAND, outputs: ["x"] }, b: { ...COMMAND, consumes: { x: text } } } }),
  "consumed file": (text) => ({ runs: { a: { ...COMMAND, consumes: { x: { file: text } } } } }),
  "consumed run_id": (text) => ({ runs: { a: { ...COMMAND, consumes: { x: { run_id: text } } } } }),
  "consumed alias": (text) => ({ runs: { a: { ...COMMAND, consumes: { x: { alias: text } } } } }),
  "name of a value": (text) => ({ runs: { a: { ...COMMAND, consumes: { [text]: { value: 1 } } } } }),
  cwd: (text) => ({ runs: { a: { ...COMMAND, cwd: text } } }),
  sources: (text) => ({ runs: { a: { ...COMMAND, sources: [text], cache: "on" } } }),
  store: (text) => ({ store: text, runs: { a: COMMAND } }),
  publish: (text) => ({ publish: [text], runs: { a: { ...COMMAND, outputs: ["x"] } } }),
  floating: (text) => ({ floating: [text], runs: { a: COMMAND } }),
  variable: (text) => ({ runs: { a: { ...COMMAND, environment: { [text]: "x" } } } }),
  module: (text) => ({ runs: { a: { module: text, cache: "on" } } }),
  "module of an arm": (text) => ({ runs: { a: { module: "${matrix.x}", matrix: { x: [text] } } } }),
  program: (text) => ({ runs: { a: { command: [text, "x"] } } }),
};

/** Traversals in every place of a workflow file that may become a path: planned, never run. */
export function writtenPaths(sandbox: Sandbox): Corpus {
  return {
    name: "written-paths",
    what: "traversals as names, folders and places in workflow files",
    cases: Object.entries(FIELDS).flatMap(([field, describe]) =>
      listTraversals(sandbox.outside).map((text) => ({
        name: `${field}: ${text.slice(0, 80)}`,
        check: () => sandbox.judge(["plan", sandbox.workflow("written.json", describe(text))]),
      })),
    ),
  };
}

/** What Kedro would look for below `conf/`: written, and filled in from a matrix. */
export function environmentPaths(sandbox: Sandbox): Corpus {
  const texts = listTraversals(sandbox.outside);
  return {
    name: "environment-paths",
    what: "traversals as Kedro's environment: none is asked for that is no folder below conf/",
    cases: texts.flatMap((text) => [
      { name: `env: ${text.slice(0, 80)}`, check: () => judgeEnvironment(sandbox, { env: text }) },
      {
        name: `env of an arm: ${text.slice(0, 80)}`,
        check: () => judgeEnvironment(sandbox, { env: "${matrix.where}", matrix: { where: [text] } }),
      },
    ]),
  };
}

async function judgeEnvironment(sandbox: Sandbox, run: object): Promise<string[]> {
  const file = sandbox.workflow("environment.json", { runs: { a: { pipeline: "p", project: ".", ...run } } });
  const loaded = await loadWorkflow(file);
  const expanded = loaded.ok ? expandRuns(loaded.value, {}) : loaded;
  if (!expanded.ok) return expanded.problems.some(({ message }) => message === "") ? ["a problem without words"] : [];
  return expanded.value.flatMap(({ task }) => {
    const env = task.kind === "kedro" ? (task.env ?? "") : "";
    return /^[^/\\\0]+$/.test(env) && env !== "." && env !== ".."
      ? []
      : [`the project is asked for ${JSON.stringify(env)}`];
  });
}
