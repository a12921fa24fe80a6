import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type Metafile } from "esbuild";
import { expect, test } from "vitest";
import { describePieces, describeWhole } from "../../scripts/build.ts";
import { formatLicences, listBundled } from "../../scripts/bundled-licences.ts";
import { WHOLE_COMMANDS } from "../../src/cli/choose-program.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const COMMANDS = "src/cli/commands";
/** What imports a user's module, in the process that asks for it. */
const IMPORTER = "src/define/source/import-module.ts";

async function listInputs(options: ReturnType<typeof describePieces> | ReturnType<typeof describeWhole>) {
  const { metafile } = await build({ ...options, write: false, metafile: true });
  return metafile.inputs;
}

test("no program in pieces imports modules of users, or has the library: what a workflow imports exists once in a process", async () => {
  const inputs = Object.keys(await listInputs(describePieces(makeTemporaryFolder())));
  expect(inputs).toContain("src/cli/commands/look/sessions.ts");
  expect(inputs).not.toContain(IMPORTER);
  expect(inputs).not.toContain("src/index.ts");
});

/** True if a file is read as soon as another one is, by a static import or a chain of them. */
function readsAtOnce(inputs: Metafile["inputs"], from: string, isSought: (file: string) => boolean): boolean {
  const seen = new Set<string>();
  const reaches = (file: string): boolean => {
    if (isSought(file)) return true;
    if (seen.has(file)) return false;
    seen.add(file);
    return (inputs[file]?.imports ?? []).some(({ path, kind }) => kind !== "dynamic-import" && reaches(path));
  };
  return reaches(from);
}

test("the commands in the one file are those that import modules of users, and all of them", async () => {
  const inputs = await listInputs(describeWhole(makeTemporaryFolder()));
  const names = readdirSync(join(import.meta.dirname, "../..", COMMANDS), { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => name.endsWith(".ts")).map((name) => `${COMMANDS}/${name}`);
  const importing = files
    .filter((file) => readsAtOnce(inputs, file, (other) => other === IMPORTER))
    .map((file) => basename(file, ".ts"))
    .sort();
  // It imports all other commands, to list their options.
  expect(["completion", ...importing].sort()).toEqual([...WHOLE_COMMANDS]);
});

test("commands that look up or annotate read no library of schemas, which is larger than the rest of them", async () => {
  const inputs = await listInputs(describePieces(makeTemporaryFolder()));
  const commands = Object.keys(inputs).filter((file) => file.startsWith(COMMANDS));
  const isZod = (file: string) => file.includes("node_modules/zod/");
  const without = commands.filter((file) => !readsAtOnce(inputs, file, isZod));
  expect(without.map((file) => basename(file, ".ts")).sort()).toEqual([
    "alias",
    "annotate",
    "errors",
    "lineage",
    "logs",
    "runs",
    "sessions",
    "show",
    "taint",
    "why",
  ]);
});

test("what the bundles import is a dependency that is named, and the licence of each package in them is told", async () => {
  const root = join(import.meta.dirname, "../..");
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies: object };
  const bundles = [describePieces(makeTemporaryFolder()), describeWhole(makeTemporaryFolder())];
  const metafiles = await Promise.all(
    bundles.map(async (options) => (await build({ ...options, write: false })).metafile),
  );
  const own = metafiles.flatMap(({ inputs }) => Object.entries(inputs)).filter(([file]) => file.startsWith("src/"));
  const words = own.flatMap(([, { imports }]) => imports.flatMap(({ original = "." }) => original));
  const direct = words.filter((word) => !/^(?:[./]|node:)/.test(word));
  const named = [...new Set(direct.map((word) => /^(?:@[^/]+\/)?[^/]+/.exec(word)?.[0]))].sort();
  expect(named).toEqual(Object.keys(dependencies).sort());
  const bundled = listBundled(metafiles);
  const licences = formatLicences(root, bundled);
  expect(bundled.length).toBeGreaterThan(named.length);
  for (const folder of bundled) expect(licences).toContain(`${folder.replace(/^.*node_modules\//, "")} `);
  expect(licences).toMatch(/^zod 4[\d.]+ \(MIT\)\n\nMIT License\n/m);
});
