import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { findTestPython } from "../../rig/test-python.ts";
import { writeToyProject } from "../../rig/toy-project.ts";
import type { Said } from "../command-line.ts";
import type { Corpus } from "../corpus.ts";
import { lazily } from "../lazily.ts";
import { Sandbox } from "../sandbox.ts";

/** Where a secret is put, and what it is there. */
const CANARIES = {
  parameter: "canary-param-5e1f",
  "nested parameter": "canary-nested-77aa",
  argument: "canary-argv-90bc",
  "shell script": "canary-script-'\"$x-11de",
  variable: "canary-variable-22ef",
  "parameter of a module": "canary-module-66c3",
  "credentials.yml": "canary-credentials-33f0",
  "credentials in the catalog": "canary-inline-44a1",
  "file that git ignores by its name": "canary-dotenv-55b2",
} as const;

const PIPELINES = `
import os
def save(token, options): return {"length": len(token) + len(options["deep"]["token"])}
def fail(token, options):
    try:
        raise KeyError(token)
    except KeyError as error:
        raise ValueError(f"refused: {token}, {options['deep']['token']}, {open('conf/local/credentials.yml').read()}") from error
def register_pipelines():
    inputs = ["params:token", "params:options"]
    return {"save": Pipeline([node(save, inputs, "table")]), "fail": Pipeline([node(fail, inputs, "failed")]), "__default__": Pipeline([])}
`;
const CATALOG = `
table: { type: json.JSONDataset, filepath: data/table.json, credentials: store_key }
failed: { type: json.JSONDataset, filepath: data/failed.json, credentials: { key: "${CANARIES["credentials in the catalog"]}" } }
`;

const PARAMS = { token: "${env:HOSTILE_PARAM}", options: { deep: { token: "x ${env:HOSTILE_NESTED} y" } } };
const KEDRO = { project: "./project", params: PARAMS };
const WORKFLOW = {
  name: "secrets",
  on_failure: "continue",
  defaults: { cache: "on" },
  runs: {
    save: { ...KEDRO, pipeline: "save", outputs: ["table"] },
    fail: { ...KEDRO, pipeline: "fail" },
    argument: {
      command: ["sh", "-c", 'test "$1" = "$HOSTILE_ARGV" && echo "$1" && exit 3', "sh", "${env:HOSTILE_ARGV}"],
    },
    script: {
      command: "test '${env:HOSTILE_SCRIPT}' = \"$HOSTILE_SCRIPT\" && echo '${env:HOSTILE_SCRIPT}' && exit 3",
      shell: true,
    },
    variable: {
      command: ["sh", "-c", 'test "$T" = "$HOSTILE_VARIABLE" && echo "$T" && exit 3'],
      environment: { T: "${env:HOSTILE_VARIABLE}" },
    },
    module: {
      module: "./refuse.mjs",
      params: { deep: ["x ${env:HOSTILE_MODULE} y"] },
      environment: { HOSTILE_MODULE: "another ${env:HOSTILE_MODULE}" },
      outputs: ["x"],
    },
    missing: { command: ["none-${env:HOSTILE_ARGV}"] },
  },
};

const VARIABLES: Readonly<Record<string, string>> = {
  HOSTILE_PARAM: CANARIES.parameter,
  HOSTILE_NESTED: CANARIES["nested parameter"],
  HOSTILE_ARGV: CANARIES.argument,
  HOSTILE_SCRIPT: CANARIES["shell script"],
  HOSTILE_VARIABLE: CANARIES.variable,
  HOSTILE_MODULE: CANARIES["parameter of a module"],
};

const MODULE = `export default ({ params: { deep: [token] } }) => {
  throw new TypeError(\`refused by a module: ${"$"}{token}\`, { cause: new Error(token) });
};`;

const QUESTIONS: readonly string[][] = [
  ["sessions", "--json"],
  ["runs", "--json"],
  ["show"],
  ["show", "--json"],
  ["errors"],
  ["errors", "--json"],
  ["verify", "--json"],
  ["diff", "latest", "latest", "--json"],
  ["lineage", "save", "--json"],
  ["lineage", "save", "--mermaid"],
  ["lineage", "save", "--format", "openlineage"],
  ["lineage", "save", "--format", "ro-crate"],
  ["lineage", "--undeclared", "--json"],
];

/** Everything that is written or said of a session whose runs were given secrets, succeeded and failed with them. */
async function gather(): Promise<Map<string, string>> {
  const sandbox = new Sandbox();
  const saved = { ...process.env };
  Object.assign(process.env, VARIABLES, { VIRTUAL_ENV: join(findTestPython(), "../..") });
  try {
    const file = writeAll(sandbox);
    const sinks = new Map<string, string>();
    const note = (name: string, { stdout, stderr }: Said) => sinks.set(name, stdout + stderr);
    note("validate", await sandbox.say(["validate", file]));
    note("plan", await sandbox.say(["plan", file]));
    note("plan --json", await sandbox.say(["plan", file, "--json"]));
    note("run", await sandbox.say(["run", file, "--verbose"]));
    note("run --json", await sandbox.say(["run", file, "--json"]));
    for (const words of QUESTIONS) note(words.join(" "), await sandbox.say(words));
    for (const path of listFiles(sandbox.state)) sinks.set(nameSink(relative(sandbox.state, path)), readOurs(path));
    return sinks;
  } finally {
    for (const name of [...Object.keys(VARIABLES), "VIRTUAL_ENV"]) delete process.env[name];
    Object.assign(process.env, saved);
    sandbox.remove();
  }
}

function writeAll(sandbox: Sandbox): string {
  writeToyProject({
    folder: sandbox.path("project"),
    pipelines: PIPELINES,
    catalog: CATALOG,
    parameters: "token: none\noptions: { deep: { token: none } }\n",
    files: {
      "conf/local/credentials.yml": `store_key: { key: "${CANARIES["credentials.yml"]}" }\n`,
      ".env": `TOKEN=${CANARIES["file that git ignores by its name"]}\n`,
    },
  });
  const file = sandbox.workflow("secrets.json", WORKFLOW);
  sandbox.workflow("refuse.mjs", MODULE);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: sandbox.path("project") });
  git("init", "-q");
  git("add", "src", "pyproject.toml", "conf/base/catalog.yml");
  git("commit", "-q", "-m", "code");
  return file;
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Ids change from time to time, what a file is does not. */
function nameSink(path: string): string {
  return path.replaceAll(/\d{4}-\d\d-\d\dT[\d.]+Z-[0-9a-f]+/g, "ID");
}

/** Of a log only our own lines: what a run prints is its own. */
function readOurs(path: string): string {
  const text = readFileSync(path, "latin1");
  if (!path.endsWith(".log")) return text;
  return text
    .split("\n")
    .filter((line) => /^(\{"|\[runweave\])/.test(line))
    .join("\n");
}

/** Each secret in each sink. What runs save is theirs: `data/` is left out. */
export function secretsCorpus(): Corpus {
  const sinks = lazily(gather);
  const cases = Object.entries(CANARIES).map(([place, canary]) => ({
    name: place,
    check: async () => {
      const found = [...(await sinks())].filter(([name, text]) => !name.startsWith("data/") && holds(text, canary));
      return found.map(([name, text]) => `it is in ${name}: ${around(text, canary)}`);
    },
  }));
  const didWork = {
    name: "the runs were given them",
    check: async () => {
      const told = (await sinks()).get("runs --json") ?? "";
      const failed = (await sinks()).get("errors --json") ?? "";
      return [
        ...(told.includes('"reused"') ? [] : [`save was not reused: ${told}`]),
        ...(failed.match(/"message":"exit code 3"/g)?.length === 3 ? [] : [`the commands did not get them: ${failed}`]),
        ...(failed.includes("refused by a module: x [secret] y") ? [] : [`the module did not get it: ${failed}`]),
        ...(failed.includes("refused: [secret], x [secret] y") ? [] : [`the pipeline did not get them: ${failed}`]),
      ];
    },
  };
  return {
    name: "secrets",
    what: `secrets given by reference, in none of ${QUESTIONS.length + 5} answers and no file of ours`,
    cases: [...cases, didWork],
  };
}

/** Also as JSON writes it. */
function holds(text: string, canary: string): boolean {
  return text.includes(canary) || text.includes(JSON.stringify(canary).slice(1, -1));
}

function around(text: string, canary: string): string {
  const at = Math.max(text.indexOf(canary), text.indexOf(JSON.stringify(canary).slice(1, -1)));
  return JSON.stringify(text.slice(Math.max(0, at - 100), at + 60));
}
