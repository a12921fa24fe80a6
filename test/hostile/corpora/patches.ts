import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { judgeSaid, sayCommand } from "../command-line.ts";
import type { Corpus } from "../corpus.ts";
import { spoilBytes } from "../documents/bytes.ts";
import { listTraversals } from "../hostile-texts.ts";
import { lazily } from "../lazily.ts";
import type { Sandbox } from "../sandbox.ts";
import { cutText } from "../spoil-json.ts";
import { THINGS } from "../things.ts";

const CUTS = 20;

/** A run of a checkout with changes, and the patch that was kept of those. */
interface Patched {
  state: string;
  copy: string;
  patch: string;
  text: string;
}

/** Name, and what it does to the state folder. */
type Spoilt = readonly [name: string, spoil: (patched: Patched) => void];

/** Kept changes that are not what they were: nobody's code is rebuilt from them. */
export function patchesCorpus(sandbox: Sandbox): Corpus {
  const made = lazily(() => runPatched(sandbox));
  return {
    name: "patches",
    what: "kept patches that were changed, cut or replaced, and digests and commits that are none",
    cases: async () => {
      const patched = await made();
      return [...listFiles(sandbox, patched), ...listRecords(sandbox)].map(([name, spoil]) => ({
        name: name.slice(0, 120),
        check: () => judgePatch(sandbox, patched, spoil),
      }));
    },
  };
}

function listFiles(sandbox: Sandbox, { text }: Patched): Spoilt[] {
  const written = (name: string, content: string | Buffer): Spoilt => [
    name,
    ({ patch }) => writeFileSync(patch, content),
  ];
  const replaced = (name: string, put: (path: string, sandbox: Sandbox) => void): Spoilt => [
    name,
    ({ patch }) => {
      rmSync(patch);
      put(patch, sandbox);
    },
  ];
  const evil = text.replace("/a.sh", "/../../../../../outside/victim");
  const hook =
    "diff --git a/.git/hooks/post-checkout b/.git/hooks/post-checkout\nnew file mode 100755\n--- /dev/null\n";
  return [
    ...cutText(text, CUTS).map((bytes) => written(`cut at ${bytes.length}`, bytes)),
    ...Object.entries(spoilBytes(`${text}ls`)).map(([name, content]) => written(name, content)),
    written("another place", evil),
    written("a hook", `${hook}+++ b/.git/hooks/post-checkout\n@@ -0,0 +1 @@\n+touch pwned\n`),
    written("one letter", text.replace("changed", "chanGed")),
    written("more of it", `${text}\n`),
    ...Object.entries(THINGS).map(([name, put]) => replaced(name, put)),
  ];
}

function listRecords({ outside }: Sandbox): Spoilt[] {
  const texts = [
    ...listTraversals(outside),
    "sha256:",
    "sha256:xyz",
    `sha1:${"0".repeat(40)}`,
    "--help",
    "HEAD~1",
  ].filter((text) => !text.includes("\u0000"));
  return texts.flatMap((text): Spoilt[] => [
    [`as its digest: ${text}`, ({ state }) => setOrigin(state, "$.patch.digest", text)],
    [`behind its digest: ${text}`, ({ state }) => setOrigin(state, "$.patch.digest", `sha256:${text}`)],
    [`as its commit: ${text}`, ({ state }) => execute(state, "UPDATE sessions SET git_commit = ?", text)],
  ]);
}

function setOrigin(state: string, path: string, text: string): void {
  execute(state, `UPDATE sessions SET origin = json_set(origin, '${path}', ?)`, text);
}

function execute(state: string, sql: string, text: string): void {
  const database = new DatabaseSync(join(state, "registry.sqlite"));
  try {
    database.prepare(sql).run(text);
  } finally {
    database.close();
  }
}

async function runPatched(sandbox: Sandbox): Promise<Patched> {
  const checkout = sandbox.path("checkout");
  const state = sandbox.path("patched");
  mkdirSync(checkout);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: checkout });
  const run = { command: ["sh", "a.sh", "${outputs.x.path}"], outputs: ["x"] };
  writeFileSync(join(checkout, "flow.json"), JSON.stringify({ name: "patched", runs: { changing: run } }));
  writeFileSync(join(checkout, "a.sh"), 'echo 1 >"$1"\n');
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  appendFileSync(join(checkout, "a.sh"), "echo changed\n");
  const said = await sayCommand(["run", join(checkout, "flow.json"), "--registry", state]);
  const [name = ""] = readdirSync(join(state, "patches"));
  if (said.exitCode !== 0 || name === "") throw new Error(said.stderr);
  const patch = join(state, "patches", name);
  const copy = `${state}.copy`;
  cpSync(state, copy, { recursive: true });
  return { state, copy, patch, text: readFileSync(patch, "utf8") };
}

async function judgePatch(sandbox: Sandbox, patched: Patched, spoil: Spoilt[1]): Promise<string[]> {
  const { state, copy } = patched;
  rmSync(state, { recursive: true, force: true });
  cpSync(copy, state, { recursive: true });
  spoil(patched);
  const before = sandbox.fingerprintOutside();
  const said = await sayCommand(["reproduce", "changing", "--registry", state]);
  const complaints = judgeSaid(said);
  if (said.exitCode === 0 || said.exitCode === 1) complaints.push(`it is done again: ${said.stdout}`);
  if (sandbox.fingerprintOutside() !== before) complaints.push("something outside was touched");
  return complaints;
}
