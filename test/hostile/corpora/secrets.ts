import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";
import { findTestPython } from "../../rig/test-python.ts";
import type { Said } from "../command-line.ts";
import type { Corpus } from "../corpus.ts";
import { lazily } from "../lazily.ts";
import { Sandbox } from "../sandbox.ts";
import { CANARIES, PRINTED, VARIABLES, writePlantedProject } from "./planted-project.ts";

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
  ["show", "use", "--json"],
  ["why", "use", "--json"],
  ["logs", "save"],
  ["doctor", "--json"],
];

/** Everything that is written or said of a session whose runs were given secrets, succeeded and failed with them. */
async function gather(): Promise<Map<string, string>> {
  const sandbox = new Sandbox();
  const saved = { ...process.env };
  Object.assign(process.env, VARIABLES, { VIRTUAL_ENV: join(findTestPython(), "../..") });
  const server = createServer((_, response) => response.setHeader("ETag", '"1"').end("page")).listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const file = writePlantedProject(sandbox, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    const sinks = new Map<string, string>();
    const note = (name: string, { stdout, stderr }: Said) => sinks.set(name, stdout + stderr);
    note("validate", await sandbox.say(["validate", file]));
    note("plan", await sandbox.say(["plan", file]));
    note("plan --json", await sandbox.say(["plan", file, "--json"]));
    note("lock", await sandbox.say(["lock", file]));
    sinks.set("the lock", readFileSync(file.replace(/json$/, "lock.json"), "utf8"));
    note("run", await sandbox.say(["run", file, "--verbose"]));
    note("run --json", await sandbox.say(["run", file, "--json"]));
    for (const words of QUESTIONS) note(words.join(" "), await sandbox.say(words));
    for (const path of listFiles(sandbox.state))
      sinks.set(nameSink(relative(sandbox.state, path)), readFileSync(path, "latin1"));
    return sinks;
  } finally {
    server.close();
    for (const name of [...Object.keys(VARIABLES), "VIRTUAL_ENV"]) delete process.env[name];
    Object.assign(process.env, saved);
    sandbox.remove();
  }
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

/** Reads only our own lines of a log, where runs print a secret themselves. */
function readOurs(name: string, text: string): string {
  if (!name.endsWith(".log")) return text;
  return text
    .split("\n")
    .filter((line) => /^(\{"|\[runweave\])/.test(line))
    .join("\n");
}

/** Each secret in each sink. What runs save is theirs: `data/` is left out. */
export function secretsCorpus(): Corpus {
  const sinks = lazily(gather);
  const find = async (canary: string, read: (name: string, text: string) => string) => {
    const texts = [...(await sinks())].map(([name, text]) => [name, read(name, text)] as const);
    const found = texts.filter(([name, text]) => !name.startsWith("data/") && holds(text, canary));
    return found.map(([name, text]) => `it is in ${name}: ${around(text, canary)}`);
  };
  const cases = [
    ...Object.entries(CANARIES).map(([name, canary]) => ({ name, check: () => find(canary, (_, text) => text) })),
    ...Object.entries(PRINTED).map(([name, canary]) => ({ name, check: () => find(canary, readOurs) })),
  ];
  const didWork = {
    name: "the runs were given them",
    check: async () => {
      const told = (await sinks()).get("runs --json") ?? "";
      const failed = (await sinks()).get("errors --json") ?? "";
      return [
        ...(told.includes('"reused"') ? [] : [`save was not reused: ${told}`]),
        ...(failed.match(/"message":"exit code 3"/g)?.length === 7 ? [] : [`the commands did not get them: ${failed}`]),
        ...(failed.includes("refused by a module: x [secret] y") ? [] : [`the module did not get it: ${failed}`]),
        ...(failed.includes("refused: [secret] | [secret]") ? [] : [`the pipeline did not get them: ${failed}`]),
        ...(/"run":"use"[^}]*"status":"(success|reused)"/.test(told) ? [] : [`a consumer lacked them: ${failed}`]),
      ];
    },
  };
  const count = Object.keys(CANARIES).length + Object.keys(PRINTED).length;
  return {
    name: "secrets",
    what: `${count} secrets where people put them, in none of ${QUESTIONS.length + 6} answers, no lock, no log and no file of ours`,
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
