import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import type { Json, SessionRecord } from "../../../src/core/run.ts";
import { judgeSaid, sayCommand } from "../command-line.ts";
import type { Corpus } from "../corpus.ts";
import { spoilBytes } from "../documents/bytes.ts";
import { KEYS } from "../documents/keys.ts";
import { WRONG_VALUES } from "../documents/wrong-types.ts";
import { ESCAPES, listTraversals } from "../hostile-texts.ts";
import { lazily } from "../lazily.ts";
import type { Sandbox } from "../sandbox.ts";
import {
  addAt,
  cutText,
  listMappings,
  listPlaces,
  listTexts,
  namePlace,
  nest,
  valueAt,
  writeAt,
} from "../spoil-json.ts";
import { THINGS } from "../things.ts";

const CUTS = 40;
const FLIPS = 60;
/** What is not refused at once goes on, which takes its time: one change in so many. */
const UNDIGESTED_STEP = 4;

/** A session of which one run failed, and the plan that was kept of it. */
interface Kept {
  folder: string;
  copy: string;
  state: string;
  plan: string;
  text: string;
  document: Json;
}

/** Name, and what puts it in the plan's place. */
type Spoilt = readonly [name: string, put: (path: string) => void];

/** Everything that goes on by a session's plan. What would run something comes last: it is to be refused. */
const READERS: readonly (readonly string[])[] = [
  ["rollback", "latest", "--dry-run"],
  ["reproduce", "make"],
  ["gc", "--keep-last", "1"],
  ["replay", "latest", "--fresh", "make", "--dry-run"],
  ["replay", "latest", "--fresh", "make"],
  ["resume"],
];

/** Plans of sessions that somebody changed, by whose commands nobody may go on. */
export function keptPlanCorpora(sandbox: Sandbox): Corpus[] {
  const kept = lazily(() => keepOne(sandbox));
  return [
    {
      name: "kept-plans",
      what: "a session's plan with bytes flipped, cut, added, other values, or no file: refused by its digest",
      cases: async () => {
        const known = await kept();
        const all = [...listFlips(known), ...listBytes(known), ...listChanges(sandbox, known), ...listThings(sandbox)];
        return all.map(([name, put]) => ({ name, check: () => judgePlan(sandbox, known, { put, isKnown: true }) }));
      },
    },
    {
      name: "kept-plans-undigested",
      what: "the same of a session of an older runweave, which recorded no digest: a plan, or a clear error",
      cases: async () => {
        const known = await kept();
        const changes = listChanges(sandbox, known).filter((_, at) => at % UNDIGESTED_STEP === 0);
        const all = [...listBytes(known), ...changes, ...listThings(sandbox)];
        return all.map(([name, put]) => ({ name, check: () => judgePlan(sandbox, known, { put, isKnown: false }) }));
      },
    },
  ];
}

function spoilt(name: string, content: string | Buffer): Spoilt {
  return [name.slice(0, 120), (path) => writeFileSync(path, content)];
}

function listFlips({ text }: Kept): Spoilt[] {
  const bytes = Buffer.from(text);
  const flips = fc.sample(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), {
    numRuns: FLIPS,
    seed: 7,
  });
  return flips.map(([at, mask]) => {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ mask;
    return spoilt(`byte ${at} by ${mask}`, flipped);
  });
}

function listBytes({ text, document }: Kept): Spoilt[] {
  return [
    ...cutText(text, CUTS).map((bytes) => spoilt(`cut at ${bytes.length}`, bytes)),
    ...Object.entries(spoilBytes(`${text} ls`)).map(([name, content]) => spoilt(name, content)),
    ...[["plan"], ["plan", "runs", 0, "task"], ["plan", "runs", 1, "reads", "note", "value"], ["variables"]].flatMap(
      (place) =>
        (["[", "{"] as const).map((open) =>
          spoilt(`${open} at ${namePlace(place)}`, writeAt(document, place, nest(open, 20_000))),
        ),
    ),
    spoilt("more of it", text + text),
    spoilt("white space", `${text}\n`),
    spoilt("a long text", writeAt(document, ["store"], JSON.stringify("x".repeat(5_000_000)))),
  ];
}

/** One value, and one text, for each place; in turn. */
function listChanges({ outside }: Sandbox, { document }: Kept): Spoilt[] {
  const texts = [...listTraversals(outside), ...ESCAPES];
  const pick = <T>(from: readonly T[], at: number) => from[(at * 7) % from.length] as T;
  const at = (place: (string | number)[] | readonly (string | number)[], value: string) =>
    spoilt(`${value} at ${namePlace(place)}`, writeAt(document, place, value));
  return [
    ...listPlaces(document).flatMap((place, index) => {
      const value = pick(WRONG_VALUES, index);
      return value === JSON.stringify(valueAt(document, place)) ? [] : [at(place, value)];
    }),
    ...listTexts(document).map((place, index) => at(place, JSON.stringify(pick(texts, index)))),
    ...texts.map((text) => at(["session_id"], JSON.stringify(text))),
    ...listMappings(document).map((place, index) =>
      spoilt(
        `${pick(KEYS, index)} at ${namePlace(place)}`,
        addAt(document, place, `"${pick(KEYS, index)}":{"polluted":1}`),
      ),
    ),
    ...listMappings(document).map((place) =>
      spoilt(`twice at ${namePlace(place)}`, addAt(document, place, '"k":1,"k":2')),
    ),
  ];
}

function listThings(sandbox: Sandbox): Spoilt[] {
  return Object.entries(THINGS).map(([name, put]) => [name, (path) => put(path, sandbox)]);
}

async function keepOne(sandbox: Sandbox): Promise<Kept> {
  const folder = sandbox.path("kept");
  const state = join(folder, ".runweave");
  mkdirSync(folder);
  const file = join(folder, "kept.json");
  const make = {
    command: ["sh", "-c", 'printf made >"$1"', "sh", "${outputs.data.path}"],
    outputs: ["data"],
    on_rollback: ["true"],
  };
  const fail = {
    command: ["sh", "-c", 'cat "$1"; exit 1', "sh", "${inputs.data.path}"],
    consumes: { data: "make", note: { value: { a: [1, "x"] } } },
    retries: { max: 1, backoff: "1ms" },
    environment: { A: "b" },
  };
  writeFileSync(file, JSON.stringify({ name: "kept", runs: { make, fail } }));
  await sayCommand(["run", file, "--registry", state]);
  const shown = JSON.parse((await sayCommand(["show", "--json", "--registry", state])).stdout) as SessionRecord;
  const plan = join(state, "sessions", shown.session_id, "plan.json");
  const text = readFileSync(plan, "utf8");
  const copy = `${folder}.copy`;
  cpSync(folder, copy, { recursive: true });
  return { folder, copy, state, plan, text, document: JSON.parse(text) as Json };
}

/** `isKnown`: the digest of the plan is on record. */
async function judgePlan(
  sandbox: Sandbox,
  { folder, copy, state, plan }: Kept,
  { put, isKnown }: { put: Spoilt[1]; isKnown: boolean },
): Promise<string[]> {
  rmSync(folder, { recursive: true, force: true });
  cpSync(copy, folder, { recursive: true });
  if (!isKnown) forgetDigest(join(state, "registry.sqlite"));
  rmSync(plan, { force: true });
  put(plan);
  const before = sandbox.fingerprintOutside();
  const complaints: string[] = [];
  for (const words of READERS) {
    const said = await sayCommand([...words, "--registry", state]);
    complaints.push(...judgeSaid(said).map((complaint) => `${words.join(" ")}: ${complaint}`));
    const isRefused = said.exitCode === 2 && said.stderr.includes("error[plan-unusable]");
    if (isKnown && words[0] !== "gc" && !isRefused && !(words[0] === "reproduce" && said.exitCode === 2))
      complaints.push(`${words.join(" ")} goes on by it: ${said.exitCode} ${said.stderr}`);
  }
  const listed = JSON.parse((await sayCommand(["sessions", "--json", "--registry", state])).stdout);
  if (isKnown && (listed as { sessions: unknown[] }).sessions.length !== 1)
    complaints.push("a session was started by it");
  if (sandbox.fingerprintOutside() !== before) complaints.push("something outside was touched");
  if ("polluted" in {}) complaints.push("the prototype of objects was changed");
  return complaints;
}

function forgetDigest(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("UPDATE sessions SET origin = json_remove(origin, '$.plan')");
  database.close();
}
