import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Json } from "../../../src/core/run.ts";
import type { TrashManifest } from "../../../src/core/trash-manifest.ts";
import { judgeSaid, sayCommand } from "../command-line.ts";
import type { Corpus } from "../corpus.ts";
import { spoilBytes } from "../documents/bytes.ts";
import { KEYS } from "../documents/keys.ts";
import { WRONG_VALUES } from "../documents/wrong-types.ts";
import { ESCAPES, listTraversals } from "../hostile-texts.ts";
import { lazily } from "../lazily.ts";
import type { Sandbox } from "../sandbox.ts";
import { addAt, cutText, listMappings, listPlaces, namePlace, nest, writeAt } from "../spoil-json.ts";
import { THINGS } from "../things.ts";

const CUTS = 30;

/** A project with an entry of each cause in its trash, and a copy of it. */
interface Trash {
  folder: string;
  copy: string;
  state: string;
  /** What a person has in the project beside: nobody but him may touch it. */
  precious: string;
  /** The entry that is spoilt, and its manifest. */
  id: string;
  document: Json;
  manifest: TrashManifest;
  /** Another one, and the publication's. */
  others: string[];
  /** The run_id of an attempt whose data are in the store still. */
  kept: string;
}

type Spoilt = readonly [name: string, put: (trash: Trash) => void];

/** Trash that somebody has rummaged in: no entry is put back, or lets anything outside be touched, unless it is what was recorded. */
export function trashCorpora(sandbox: Sandbox): Corpus[] {
  const made = lazily(() => fillTrash(sandbox));
  const kinds: Record<string, { what: string; list(trash: Trash): Spoilt[] }> = {
    "trash-types": { what: "values of the wrong kind, and odd keys, in every place of a manifest", list: listWrong },
    "trash-paths": {
      what: "traversals, and what a terminal obeys, in every path and text of a manifest",
      list: ({ document }) =>
        [...listTraversals(sandbox.outside), ...ESCAPES].flatMap((text, at) =>
          TEXTS.filter((_, index) => index % 2 === at % 2).map((place) =>
            manifest(`${text} at ${namePlace(place)}`, writeAt(document, place, JSON.stringify(text))),
          ),
        ),
    },
    "trash-bytes": {
      what: "manifests cut anywhere, in other encodings, too deep, too large",
      list: listBytes,
    },
    "trash-places": {
      what: "links, pipes, folders and entries of others in the place of each file of the trash, of it, and taken places",
      list: () => listPlaced(sandbox),
    },
  };
  return Object.entries(kinds).map(([name, { what, list }]) => ({
    name,
    what,
    cases: async () => {
      const trash = await made();
      const isBad = name === "trash-places" || name === "trash-bytes";
      return list(trash).map(([what, put]) => {
        const more = isBad ? [() => ["doctor"], ...(/^the (trash|entry)/.test(what) ? MORE : [])] : [];
        return { name: what, check: () => judgeTrash(sandbox, trash, { put, more }) };
      });
    },
  }));
}

/** Texts of a manifest, those that become paths before all. */
const TEXTS = [["id"], ["run_id"], ["session_id"], ["run"], ["reason"], ["items", 0, "name"], ["items", 0, "original"]];

function manifest(name: string, content: string | Buffer): Spoilt {
  return [name.slice(0, 120), (trash) => writeFileSync(join(entryOf(trash), "manifest.json"), content)];
}

function entryOf({ state, id }: Trash): string {
  return join(state, "trash", id);
}

function listWrong({ document }: Trash): Spoilt[] {
  const types = listPlaces(document).flatMap((place) =>
    WRONG_VALUES.map((value) => manifest(`${value} at ${namePlace(place)}`, writeAt(document, place, value))),
  );
  const odd = listMappings(document).flatMap((place) =>
    KEYS.map((key) => manifest(`${key} at ${namePlace(place)}`, addAt(document, place, `"${key}":{"polluted":1}`))),
  );
  return [...types, ...odd];
}

function listBytes({ document }: Trash): Spoilt[] {
  const text = JSON.stringify(document);
  const item = { name: "1", original: "/x/RUN", kind: "file", bytes: 1, hash: null };
  const many = Array.from({ length: 100_000 }, (_, at) => JSON.stringify({ ...item, name: String(at) })).join(",");
  return [
    ...cutText(text, CUTS).map((bytes) => manifest(`cut at ${bytes.length}`, bytes)),
    ...Object.entries(spoilBytes(`${text}ls`)).map(([name, content]) => manifest(name, content)),
    ...listPlaces(document).flatMap((place) =>
      (["[", "{"] as const).map((open) =>
        manifest(`${open} at ${namePlace(place)}`, writeAt(document, place, nest(open, 20_000))),
      ),
    ),
    manifest("a long id", writeAt(document, ["id"], JSON.stringify("x".repeat(5_000_000)))),
    manifest("a long place", writeAt(document, ["items", 0, "original"], JSON.stringify(`/${"x".repeat(5_000_000)}`))),
    manifest("many items", writeAt(document, ["items"], `[${many}]`)),
    manifest("too large", text + " ".repeat(65 << 20)),
  ];
}

function listPlaced(sandbox: Sandbox): Spoilt[] {
  const inPlace = (file: string, kind = file): Spoilt[] =>
    Object.entries(THINGS).map(([name, put]) => [
      `${kind}: ${name}`,
      (trash) => {
        const path = join(entryOf(trash), file);
        rmSync(path, { recursive: true, force: true });
        put(path, sandbox);
      },
    ]);
  const named = (name: string): Spoilt[] =>
    Object.entries(THINGS).map(([thing, put]) => [
      `${name}: ${thing}`,
      ({ state }) => put(join(state, "trash", name), sandbox),
    ]);
  const taken: Spoilt[] = Object.entries(THINGS).flatMap(([thing, put]) =>
    [[], ["0.in"], ["0.out"], ["0.in", "0.out"]].map(
      (markers): Spoilt => [
        `its old place is taken by ${thing}, ${markers.join(" and ") || "nothing"} beside it`,
        (trash) => {
          const { original } = trash.manifest.items[0] ?? { original: "" };
          mkdirSync(join(original, ".."), { recursive: true });
          put(original, sandbox);
          for (const marker of markers) writeFileSync(join(entryOf(trash), marker), "");
        },
      ],
    ),
  );
  return [
    ...["manifest.json", "items", "items/0", "0.in", "0.out", ""].flatMap((file) => inPlace(file, file || "the entry")),
    ...Object.entries(THINGS).map(
      ([thing, put]): Spoilt => [
        `the trash: ${thing}`,
        ({ state }) => {
          rmSync(join(state, "trash"), { recursive: true });
          put(join(state, "trash"), sandbox);
        },
      ],
    ),
    ...Object.entries(THINGS).map(
      ([thing, put]): Spoilt => [
        `the entry of what is to be collected: ${thing}`,
        ({ state, kept }) => put(join(state, "trash", `gc-${kept}`), sandbox),
      ],
    ),
    ...[".gone-", ".gone-x", "gc-x", "stray", "cleanup-..", "-rf"].flatMap(named),
    ...taken,
    ["the manifest of another entry", (trash) => copyManifest(trash, 0)],
    ["the manifest of a publication", (trash) => copyManifest(trash, 1)],
    ["under another name", (trash) => renameSync(entryOf(trash), `${entryOf(trash)}0`)],
    ["twice", (trash) => cpSync(entryOf(trash), `${entryOf(trash)}0`, { recursive: true })],
    [
      "links out of its items",
      (trash) => {
        const item = join(entryOf(trash), "items/0");
        rmSync(item, { recursive: true });
        mkdirSync(item);
        symlinkSync(sandbox.outside, join(item, "out"));
        symlinkSync(join(sandbox.outside, "victim"), join(item, "data"));
      },
    ],
  ];
}

function copyManifest(trash: Trash, which: number): void {
  const other = join(trash.state, "trash", trash.others[which] ?? "", "manifest.json");
  writeFileSync(join(entryOf(trash), "manifest.json"), readFileSync(other));
}

async function fillTrash(sandbox: Sandbox): Promise<Trash> {
  const folder = sandbox.path("littered");
  const state = join(folder, ".runweave");
  mkdirSync(folder);
  const say = (args: string[]) => sayCommand([...args, "--registry", state]);
  const write = (name: string, content: object) => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  const save = (text: string, code: number) => [
    "sh",
    "-c",
    `printf ${text} >"$1"; exit ${code}`,
    "sh",
    "${outputs.data.path}",
  ];
  const make = (text: string) => ({ command: save(text, 0), outputs: ["data"] });
  for (const text of ["old", "new"])
    await say(["run", write("made.json", { name: "made", runs: { make: make(text) } })]);
  const wrong = { command: save("wrong", 1), outputs: ["data"], cleanup_on_error: "trash" };
  await say(["run", write("failed.json", { name: "failed", runs: { wrong } })]);
  const out = { command: ["sh", "-c", "printf new >plain"], outputs: { plain: "plain" } };
  const edit = { command: ["sh", "-c", "printf edited >plain"], needs: ["out"] };
  await say(["run", write("published.json", { name: "published", publish: ["plain"], runs: { out, edit } })]);
  await say(["gc", "--keep-last", "1", "--yes"]);
  const ids = readdirSync(join(state, "trash"));
  const [id = "", ...rest] = ["gc-", "cleanup-", "published-"].flatMap((cause) =>
    ids.filter((each) => each.startsWith(cause)),
  );
  if (rest.length < 2) throw new Error(`the trash holds only ${ids.join(", ")}`);
  const precious = join(folder, "precious");
  writeFileSync(precious, "precious\n");
  const text = readFileSync(join(state, "trash", id, "manifest.json"), "utf8");
  const copy = `${folder}.copy`;
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  const document = JSON.parse(text) as Json;
  const [kept = ""] = readdirSync(join(state, "data"))
    .filter((name) => name.startsWith("data-"))
    .flatMap((name) => readdirSync(join(state, "data", name)));
  return { folder, copy, state, precious, id, document, manifest: JSON.parse(text), others: rest, kept };
}

/** What is said besides where a folder of the trash is none: what else throws data away, or takes them from there. */
const MORE: readonly ((trash: Trash) => string[])[] = [
  ({ folder }) => ["run", join(folder, "failed.json")],
  ({ folder }) => ["run", join(folder, "published.json")],
  () => ["rollback", "latest"],
  () => ["gc", "--older-than", "2099-01-01", "--yes"],
];

async function judgeTrash(
  sandbox: Sandbox,
  trash: Trash,
  { put, more }: { put: (trash: Trash) => void; more: readonly ((trash: Trash) => string[])[] },
): Promise<string[]> {
  const { folder, copy, state, id, manifest } = trash;
  rmSync(folder, { recursive: true, force: true });
  cpSync(copy, folder, { recursive: true, verbatimSymlinks: true });
  put(trash);
  const outside = sandbox.fingerprintOutside();
  const original = manifest.items[0]?.original ?? "";
  const stood = look(original);
  const complaints: string[] = [];
  const say = async (words: readonly string[]) => {
    const said = await sayCommand([...words, "--registry", state]);
    complaints.push(...judgeSaid(said).map((complaint) => `${words.join(" ")}: ${complaint}`));
    return said;
  };
  await say(["trash", "list"]);
  await say(["trash", "list", "--json"]);
  const restored = await say(["trash", "restore", id]);
  if (restored.exitCode === 0) complaints.push(...judgeRestored(trash));
  else if (look(original) !== stood) complaints.push("it refuses to restore, and moves something");
  // An empty folder is what is left of a move that was cut off.
  if (stood !== null && stood !== "folder " && look(original) !== stood)
    complaints.push("what stood in its old place is gone");
  for (const words of more) await say(words(trash));
  await say(["trash", "restore", "make"]);
  await say(["gc", "--keep-last", "1", "--yes"]);
  await say(["trash", "empty", "--yes"]);
  if (sandbox.fingerprintOutside() !== outside) complaints.push("something outside was touched");
  if (look(trash.precious) !== "file precious\n") complaints.push("a file of the project was touched");
  if ("polluted" in {}) complaints.push("the prototype of objects was changed");
  return complaints;
}

/** What is put back is what the registry knows: the very data, in the very place. */
function judgeRestored({ manifest, state }: Trash): string[] {
  const { original } = manifest.items[0] ?? { original: "" };
  const data = join(original, readdirSync(original)[0] ?? "");
  const isOurs = original.startsWith(join(state, "data")) && look(data) === "file old";
  return isOurs ? [] : [`it restored something else: ${look(data)}`];
}

function look(path: string): string | null {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (found.isFile()) return `file ${readFileSync(path, "utf8")}`;
  return found.isDirectory() ? `folder ${existsSync(path) ? readdirSync(path).join(",") : ""}` : `other ${found.mode}`;
}
