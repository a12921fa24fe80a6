import { expect, it } from "vitest";
import { describeExecution, type Execution } from "../../../src/compose/consent/describe-execution.ts";
import type { CommandTask, KedroTask } from "../../../src/core/port/runner.ts";
import type { SessionId } from "../../../src/core/run-id.ts";

const session = {
  session_id: "2026-11-29T16.24.25.671Z-00006f50956c" as SessionId,
  workflow: "churn\n  fine: true",
  git_commit: "c0ffee",
  git_dirty: true,
  origin: null,
};
const command: CommandTask = {
  kind: "command",
  argv: ["sh", "-c", "true # \nrm x"],
  shell: false,
  cwd: "/home/bob/my project",
  environment: { LD_PRELOAD: "/tmp/x.so", TOKEN: "${env:TOKEN}" },
  outputs: {},
};
const kedro = {
  kind: "kedro",
  project_path: "/p",
  python: "/tmp/python",
  env: "prod",
  conf_source: "/tmp/conf",
  pipeline_names: ["a", "b"],
  runtime_params: { x: 1 },
  runner: "evil.Runner",
} as unknown as KedroTask;
const describe = (about: Partial<Execution>) => describeExecution({ session, runs: [], ...about });

it("tells of a command its words, folder and variables, each line end as an escape", () => {
  expect(describe({ runs: [{ run: "train\r", task: command }] })).toEqual([
    `session ${session.session_id} of "churn\\n  fine: true", recorded with commit c0ffee and uncommitted changes, which were not kept:`,
    `  "train\\r": sh -c "true # \\nrm x"`,
    `    in '/home/bob/my project'`,
    "    with LD_PRELOAD=/tmp/x.so TOKEN='${env:TOKEN}'",
  ]);
});

it("says that a script is given to a shell, and which module is called with what", () => {
  const script = { ...command, argv: ["ls | wc"], shell: true, environment: {} };
  const { argv: _, shell: __, ...process } = { ...command, environment: {} };
  const module = { ...process, kind: "module" as const, module: { path: "/m.ts", params: { a: [1] } } };
  const lines = describe({
    runs: [
      { run: "a", task: script },
      { run: "b", task: module },
    ],
  });
  expect(lines.filter((line) => !line.startsWith("    in"))).toEqual([
    expect.stringContaining("session "),
    "  a: in a shell: 'ls | wc'",
    "  b: module /m.ts",
    `    parameters: '{"a":[1]}'`,
  ]);
});

it("tells of a Kedro run its Python, runner, project, configuration and parameters", () => {
  expect(describe({ runs: [{ run: "train", task: kedro }] }).slice(1)).toEqual([
    "  train: Kedro, pipelines a, b, with /tmp/python and evil.Runner",
    "    in /p",
    "    configuration: /tmp/conf, environment prod",
    `    parameters: '{"x":1}'`,
  ]);
});

it("tells of a reproduction its commit, the size of the changes, and every package", () => {
  const patch = { digest: "sha256:01", bytes: 1500, truncated: false };
  const origin = { patch } as NonNullable<Execution["session"]["origin"]>;
  const installs = { python: "3.11.2", kedro: "", platform: "linux", packages: { numpy: "2.0", "evil @ x": "1" } };
  expect(describe({ session: { ...session, origin, workflow: "w" }, rebuilds: true, installs })).toEqual([
    `session ${session.session_id} of w, on commit c0ffee and 1.5 kB of uncommitted changes (sha256:01):`,
    "  installs with pip, for Python 3.11.2: numpy==2.0 'evil @ x==1'",
  ]);
});
