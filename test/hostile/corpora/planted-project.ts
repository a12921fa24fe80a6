import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { writeFiles, writeToyProject } from "../../rig/toy-project.ts";
import type { Sandbox } from "../sandbox.ts";

const KEY = ["-----BEGIN PRIVATE KEY-----", "canaryKeyLineOne0a1b2c3d4e5f", "canaryKeyLineTwo6a7b8c9d0e1f"];
const PRINTED_KEY = ["canaryPrintedKeyOne11223344", "canaryPrintedKeyTwo55667788"];
const BASIC = "canary-basic-aa01bb";
const QUOTED = "canary/quoted&c3 d4";
const base64Of = (text: string) => Buffer.from(text).toString("base64").slice(3, -4);

/** Secrets by the place where they are put; of none must anything be seen elsewhere. */
export const CANARIES: Readonly<Record<string, string>> = {
  parameter: "canary-param-5e1f",
  "nested parameter": "canary-nested-77aa",
  "parameter of a module": "canary-module-66c3",
  "word of on_rollback": "canary-rollback-08d1",
  "credentials.yml": "canaryCredentials33f0x",
  "nested credentials": "canary-deep-credentials-3a",
  "number in credentials": "8273645510",
  "credentials of another environment": "canary-prod-credentials-7b",
  "credentials in the catalog": "canary-inline-44a1",
  "fs_args of an entry": "canary-fs-args-1c2d",
  "storage options for loading": "canary-load-options-2d3e",
  "storage options for saving": "canary-save-options-3e4f",
  "metadata of an entry": "canary-metadata-4f50",
  "a list in the metadata": "canary-metadata-list-51",
  "address in the metadata": "canary-metadata-dsn-62",
  "entry outside of the pipelines": "canary-other-entry-73",
  "password of a URL": "canary-url-84a5",
  "token in a query": "canary-query-95b6",
  "signature in a query": "canary-signature-a6c7",
  "parameter by its name": "canary-apikey-b7d8",
  "parameter by its form": "canary-dsn-c8e9",
  "parameter in conf/local": "canary-local-d9fa",
  "globals in conf/local": "canary-globals-ea0b",
  "another file in conf/local": "canary-spark-fb1c",
  "parameters that git ignores": "canary-ignored-0c2d",
  "address in the environment": "canary-environment-dsn-1d",
  "variable by its name": "canary-aws-key-2e3f4a5b",
  "first line of a key": KEY[1] ?? "",
  "second line of a key": KEY[2] ?? "",
  "credentials in base64": base64Of("us:canaryCredentials33f0x"),
  "part of a credential": "canaryCredentials33f",
  ".env": "canary-dotenv-55b2",
  "private key beside the code": "canary-id-rsa-66c4",
  "certificate beside the code": "canary-pem-77d5",
  "secrets.toml": "canary-toml-88e6",
  "token in new code": "ghp_canary0123456789abcdefghijklmnopqrst",
  "password in changed code": "canary-changed-code-99",
};

/** Secrets that runs print themselves: they are in their logs, and nowhere else. */
export const PRINTED: Readonly<Record<string, string>> = {
  argument: "canary-argv-90bc",
  "shell script": "canary-script-'\"$x-11de",
  variable: "canary-variable-22ef",
  "first line of a printed key": PRINTED_KEY[0] ?? "",
  "second line of a printed key": PRINTED_KEY[1] ?? "",
  "header for basic authentication": base64Of(`us:${BASIC}`),
  "value quoted for a URL": "canary%2Fquoted%26c3%20d4",
  "password of a printed address": "canary-printed-dsn-4d",
};

/** The environment in which runweave is started. */
export const VARIABLES: Readonly<Record<string, string>> = {
  HOSTILE_PARAM: "canary-param-5e1f",
  HOSTILE_NESTED: "canary-nested-77aa",
  HOSTILE_MODULE: "canary-module-66c3",
  HOSTILE_ROLLBACK: "canary-rollback-08d1",
  HOSTILE_ARGV: "canary-argv-90bc",
  HOSTILE_SCRIPT: "canary-script-'\"$x-11de",
  HOSTILE_VARIABLE: "canary-variable-22ef",
  HOSTILE_KEY: PRINTED_KEY.join("\n"),
  HOSTILE_BASIC: BASIC,
  HOSTILE_QUOTED: QUOTED,
  HOSTILE_DSN: "postgresql://ann:canary-printed-dsn-4d@host/db",
  DATABASE_URL: "postgresql://ann:canary-environment-dsn-1d@host/db",
  AWS_SECRET_ACCESS_KEY: "canary-aws-key-2e3f4a5b",
};

const PIPELINES = `
import base64, json, os, urllib.parse
def save(token, options):
    import pandas
    return pandas.DataFrame({"length": [len(token) + len(options["deep"]["token"])]})
def use(table, page, *given): return {"given": len(page) + len(given)}
def refuse(token, options, credentials):
    secret = credentials["store_key"]["key"]
    named = type("Refused_" + secret, (ValueError,), {})
    told = [secret, token, options["deep"]["token"], json.dumps(credentials), repr(credentials), secret[:-1],
            urllib.parse.quote(json.dumps(credentials)), base64.b64encode(f"us:{secret}".encode()).decode(),
            os.environ["DATABASE_URL"], os.environ["AWS_SECRET_ACCESS_KEY"], credentials["store_key"]["keys"][0]]
    try:
        raise KeyError(credentials["store_key"]["pem"])
    except KeyError as error:
        error = named("refused: " + " | ".join(map(str, told)))
        error.add_note("noted: " + secret) if hasattr(error, "add_note") else None
        raise error from KeyError(credentials["store_key"]["pem"].splitlines()[1])
def fail(token, options):
    from kedro.config import OmegaConfigLoader
    conf = OmegaConfigLoader("conf", base_env="base", default_run_env="local")
    return refuse(token, options, conf["credentials"])
def register_pipelines():
    inputs = ["params:token", "params:options"]
    given = ["params:service.api_key", "params:db_url", "params:local_word", "params:global_word", "params:ignored_word"]
    return {"save": Pipeline([node(save, inputs, "table")]), "use": Pipeline([node(use, ["table", "page", *given], "used")]),
            "fail": Pipeline([node(fail, inputs, "failed")]), "__default__": Pipeline([])}
`;

const entriesFor = (address: string) => ({
  table: {
    type: "pandas.JSONDataset",
    filepath: "data/table.json",
    credentials: "no_key",
    fs_args: { token: CANARIES["fs_args of an entry"] },
    load_args: { storage_options: { AccountKey: CANARIES["storage options for loading"] } },
    save_args: { storage_options: { sas_token: CANARIES["storage options for saving"] } },
    metadata: {
      password: CANARIES["metadata of an entry"],
      owners: [{ secretKey: CANARIES["a list in the metadata"] }],
      docs: `https://ann:${CANARIES["address in the metadata"]}@wiki/x`,
    },
  },
  page: {
    type: "text.TextDataset",
    filepath:
      `http://bob:${CANARIES["password of a URL"]}@${address}/page.txt` +
      `?token=${CANARIES["token in a query"]}&sig=${CANARIES["signature in a query"]}`,
  },
  used: { type: "json.JSONDataset", filepath: "data/used.json", metadata: { token: "canary-metadata-4f50" } },
  failed: {
    type: "json.JSONDataset",
    filepath: "data/failed.json",
    credentials: { key: CANARIES["credentials in the catalog"] },
  },
  other: {
    type: "pandas.SQLTableDataset",
    table_name: "t",
    credentials: { con: `postgresql://ann:${CANARIES["entry outside of the pipelines"]}@host/db` },
  },
});

const PARAMS = { token: "${env:HOSTILE_PARAM}", options: { deep: { token: "x ${env:HOSTILE_NESTED} y" } } };
const KEDRO = { project: "./project", params: PARAMS };
const told = (script: string, word: string) => ({ command: ["sh", "-c", `${script} && exit 3`, "sh", word] });
const quote = 'node -p "encodeURIComponent(process.argv[1])" "$1"';

const WORKFLOW = {
  name: "secrets",
  on_failure: "continue",
  defaults: { cache: "on" },
  runs: {
    save: { ...KEDRO, pipeline: "save", outputs: ["table"] },
    use: { project: "./project", pipeline: "use", consumes: { table: "save" }, outputs: ["used"] },
    fail: { ...KEDRO, pipeline: "fail" },
    argument: told('test "$1" = "$HOSTILE_ARGV" && echo "$1"', "${env:HOSTILE_ARGV}"),
    script: {
      command: "test '${env:HOSTILE_SCRIPT}' = \"$HOSTILE_SCRIPT\" && echo '${env:HOSTILE_SCRIPT}' && exit 3",
      shell: true,
    },
    variable: {
      command: ["sh", "-c", 'test "$T" = "$HOSTILE_VARIABLE" && echo "$T" && exit 3'],
      environment: { T: "${env:HOSTILE_VARIABLE}" },
    },
    key: told('echo "$1"', "${env:HOSTILE_KEY}"),
    basic: told('printf "us:%s" "$1" | base64 -w0', "${env:HOSTILE_BASIC}"),
    quoted: told(quote, "${env:HOSTILE_QUOTED}"),
    address: told('echo "$1" | cut -d: -f3 | cut -d@ -f1', "${env:HOSTILE_DSN}"),
    module: {
      module: "./refuse.mjs",
      params: { deep: ["x ${env:HOSTILE_MODULE} y"] },
      environment: { HOSTILE_MODULE: "another ${env:HOSTILE_MODULE}" },
      outputs: ["x"],
    },
    undone: { command: ["true"], on_rollback: ["test", "${env:HOSTILE_ROLLBACK}"] },
    missing: { command: ["none-${env:HOSTILE_ARGV}"] },
  },
};

const MODULE = `export default ({ params: { deep: [token] } }) => {
  throw new TypeError(\`refused by a module: ${"$"}{token}\`, { cause: new Error(token) });
};`;

/** Writes a project with secrets wherever people put them, in a checkout. Returns the workflow file. */
export function writePlantedProject(sandbox: Sandbox, address: string): string {
  const project = sandbox.path("project");
  const credentials = {
    no_key: {},
    store_key: {
      key: CANARIES["credentials.yml"],
      keys: [CANARIES["nested credentials"]],
      pin: Number(CANARIES["number in credentials"]),
      pem: KEY.join("\n"),
    },
  };
  writeToyProject({
    folder: project,
    pipelines: PIPELINES,
    catalog: JSON.stringify(entriesFor(address)),
    parameters: JSON.stringify({
      token: "none",
      options: { deep: { token: "none" } },
      service: { api_key: CANARIES["parameter by its name"] },
      db_url: `postgresql://ann:${CANARIES["parameter by its form"]}@host/db`,
      local_word: "none",
      global_word: "${globals:word}",
    }),
    files: {
      "conf/local/credentials.yml": JSON.stringify(credentials),
      "conf/prod/credentials.yml": `key: ${CANARIES["credentials of another environment"]}\n`,
      "conf/local/parameters.yml": `local_word: ${CANARIES["parameter in conf/local"]}\n`,
      "conf/local/globals.yml": `word: ${CANARIES["globals in conf/local"]}\n`,
      "conf/local/spark.yml": `word: ${CANARIES["another file in conf/local"]}\n`,
      "conf/base/parameters_mine.yml": `ignored_word: ${CANARIES["parameters that git ignores"]}\n`,
      ".gitignore": "*_mine.yml\n",
    },
  });
  commitAll(project);
  writeFiles(project, {
    ".env": `TOKEN=${CANARIES[".env"]}\n`,
    id_rsa: `${CANARIES["private key beside the code"]}\n`,
    "server.pem": `${CANARIES["certificate beside the code"]}\n`,
    "secrets.toml": `key = "${CANARIES["secrets.toml"]}"\n`,
    "src/toy/new.py": `TOKEN = "${CANARIES["token in new code"]}"\n`,
    "src/toy/settings.py": `PASSWORD = "${CANARIES["password in changed code"]}"\n`,
  });
  mkdirSync(sandbox.state, { recursive: true, mode: 0o700 });
  writeFileSync(sandbox.path("refuse.mjs"), MODULE);
  return sandbox.workflow("secrets.json", WORKFLOW);
}

function commitAll(cwd: string): void {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd });
  git("init", "-q");
  git("add", "src", "pyproject.toml", ".gitignore", "conf/base/catalog.yml", "conf/base/parameters.yml");
  git("commit", "-q", "-m", "code");
}
