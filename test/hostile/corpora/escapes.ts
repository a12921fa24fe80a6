import type { RunEvent } from "../../../src/core/event/event.ts";
import type { RunId, SessionId } from "../../../src/core/run-id.ts";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { judgeSaid } from "../command-line.ts";
import type { Corpus } from "../corpus.ts";
import { ESCAPES, MARKUP } from "../hostile-texts.ts";
import type { Sandbox } from "../sandbox.ts";

const TIME = "2026-01-01T00:00:00.000Z";

/** Every answer that shows names, messages or places of a registry. `RUN` and `SESSION` stand for ids. */
const ANSWERS: readonly (readonly string[])[] = [
  ["sessions"],
  ["runs"],
  ["show", "SESSION"],
  ["errors", "SESSION"],
  ["logs", "RUN"],
  ["verify", "SESSION"],
  ["lineage", "RUN"],
  ["lineage", "RUN", "--mermaid"],
  ["lineage", "RUN", "--direction", "both"],
  ["lineage", "--undeclared", "SESSION"],
  ["why", "DATASET", "RUN"],
  ["why", "DATASET", "RUN", "--not", "OTHER"],
  ["diff", "RUN", "OTHER"],
  ["alias", "list"],
  ["tag", "RUN"],
  ["cancel", "SESSION", "--no-wait"],
  ["resume", "SESSION"],
];

/** Names and messages that a terminal, Mermaid or Graphviz would obey, in everything that a registry holds. */
export function escapeCorpora(sandbox: Sandbox): Corpus[] {
  const texts = [...ESCAPES, ...MARKUP];
  const inRegistry = texts.flatMap((text, at) => {
    const ids = makeIds(at);
    return [
      { name: `to record: ${text}`, check: () => record(sandbox, text, ids) },
      ...ANSWERS.map((words) => ({
        name: `${words.join(" ")}: ${text}`,
        check: () => ask(sandbox, words, { text, ids }),
      })),
    ];
  });
  const inFiles = texts.flatMap((text) => [
    { name: `plan: ${text}`, check: () => sandbox.judge(["plan", writePlan(sandbox, text)]) },
    ...["--mermaid", "--dot"].map((flag) => ({
      name: `plan ${flag}: ${text}`,
      check: async () => judgeGraph(await sandbox.say(["plan", writePlan(sandbox, text), flag])),
    })),
  ]);
  return [
    {
      name: "registry-escapes",
      what: "what a terminal or a graph would obey, as names and messages in a registry, in every answer",
      cases: inRegistry,
    },
    { name: "plan-escapes", what: "the same in workflow files: plan, --mermaid, --dot", cases: inFiles },
  ];
}

interface Ids {
  session: SessionId;
  run: RunId;
  other: RunId;
}

function makeIds(at: number): Ids {
  const id = (kind: number) => `2026-01-01T00.00.00.${String(at).padStart(3, "0")}Z-000${kind}00000000`;
  return { session: id(0) as SessionId, run: id(1) as RunId, other: id(2) as RunId };
}

/** Two runs, the second of which reads what the first has saved, and fails; hostile wherever text may be. */
function record(sandbox: Sandbox, text: string, { session, run, other }: Ids): string[] {
  const of = { time: TIME, session_id: session };
  // A workflow file has no half characters; whatever else a run tells may have.
  const [first, second] = [`a${text.toWellFormed()}`, `b${text.toWellFormed()}`];
  const version = {
    version: run,
    location: `/nowhere/${text}`,
    bytes: 1,
    hash: `sha256:${text}`,
    entry: null,
    plain_location: text,
  };
  const cause = { type: text, message: text, node: text, traceback: `a\n${text}`, cause: null, classes: [text] };
  const declared = {
    kind: "kedro" as const,
    env: text,
    runtime_params: { [text]: text },
    pipeline_names: [text],
    filters: { tags: [text] },
    max_attempts: 1,
    allow_failure: false,
  };
  const events: RunEvent[] = [
    {
      type: "session.started",
      ...of,
      workflow: text,
      workflow_file: `/w/${text}`,
      project_path: text,
      command_line: [text],
      git: { commit: text, dirty: true },
      origin: { host: text, user: text, platform: text, node: text, runweave: text, working_folder: text, patch: null },
    },
    {
      type: "runs.declared",
      ...of,
      runs: [
        { ...declared, run: first, needs: [] },
        { ...declared, run: second, needs: [first] },
      ],
    },
    { type: "run.resolved", ...of, run: first, run_id: run, attempt: 1, pins: [] },
    { type: "run.started", ...of, run: first, run_id: run, attempt: 1, pid: 1, log: text },
    {
      type: "dataset.saved",
      ...of,
      run: first,
      run_id: run,
      attempt: 1,
      dataset: text,
      version: run,
      location: text,
      node: text,
    },
    { type: "metrics.reported", ...of, run: first, run_id: run, attempt: 1, metrics: { [text]: text } },
    { type: "run.warned", ...of, run: first, run_id: run, attempt: 1, code: text, message: text },
    {
      type: "run.succeeded",
      ...of,
      run: first,
      run_id: run,
      attempt: 1,
      duration_ms: 1,
      outputs: { [text]: version },
      outputs_location: text,
      peak_memory_bytes: 1,
    },
    {
      type: "run.resolved",
      ...of,
      run: second,
      run_id: other,
      attempt: 1,
      pins: [
        {
          dataset: text,
          version: run,
          rule: "consumed",
          from_run: first,
          from_dataset: text,
          reason: text,
          passed_over: text,
        },
      ],
    },
    { type: "run.started", ...of, run: second, run_id: other, attempt: 1, pid: 1, log: text },
    {
      type: "dataset.loaded",
      ...of,
      run: second,
      run_id: other,
      attempt: 1,
      dataset: text,
      version: run,
      location: text,
      node: text,
    },
    {
      type: "run.failed",
      ...of,
      run: second,
      run_id: other,
      attempt: 1,
      duration_ms: 1,
      exception: { ...cause, cause },
      peak_memory_bytes: 1,
      max_attempts: 1,
      will_retry_at: null,
      reason: text,
    },
    { type: "session.finished", ...of, status: "failed", duration_ms: 1, runs: [] },
    { type: "alias.set", ...of, run: first, run_id: run, alias: text, dataset: text },
    { type: "run.tagged", ...of, run: first, run_id: run, key: text, value: text },
    { type: "run.noted", ...of, run: first, run_id: run, text },
  ];
  const registry = openSqliteRegistry(`${sandbox.state}/registry.sqlite`);
  try {
    registry.append(events);
    return [];
  } finally {
    registry.close();
  }
}

async function ask(
  sandbox: Sandbox,
  words: readonly string[],
  { text, ids }: { text: string; ids: Ids },
): Promise<string[]> {
  const known: Record<string, string> = { RUN: ids.run, OTHER: ids.other, SESSION: ids.session, DATASET: text };
  const said = await sandbox.say(words.map((word) => known[word] ?? word));
  return words.includes("--mermaid") ? judgeGraph(said) : judgeSaid(said);
}

function writePlan(sandbox: Sandbox, text: string): string {
  const make = { command: ["true", text], outputs: [text], matrix: { x: [text] } };
  const use = { command: [text], consumes: { [text]: { run: "make", where: { x: text } } } };
  return sandbox.workflow("escapes.json", { name: text, runs: { make, use } });
}

/** Lines of a graph that are no node, no edge and no frame were smuggled in. */
const LINE =
  /^(flowchart (TD|LR)|digraph "(?:[^"\\]|\\.)*" \{|\}| {2}(rankdir|node) ?.*| {2}[rv]\d+ ?(\[.*\]|\[\(".*"\)\]|\(.*\))?;?| {2}[rv]\d+ (-->|-\.->|--|->|-->\|).*)$/;

function judgeGraph(said: { exitCode: number; stdout: string; stderr: string }): string[] {
  const complaints = judgeSaid(said);
  const odd =
    said.exitCode === 0
      ? said.stdout
          .trimEnd()
          .split("\n")
          .filter((line) => !LINE.test(line))
      : [];
  // Graphviz takes neither for anything.
  const markup = said.stdout.startsWith("flowchart") ? /<(?!br\/>)|%%\{/.exec(said.stdout)?.[0] : undefined;
  return [
    ...complaints,
    ...odd.map((line) => `a line of its own: ${line}`),
    ...(markup === undefined ? [] : [`${markup} stays as it is`]),
  ];
}
