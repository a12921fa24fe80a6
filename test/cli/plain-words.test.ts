import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const FILES = ["README.md", ...["docs", "src"].flatMap(listFiles)];

function listFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:ts|py|md)$/.test(name))
    .map((name) => join(folder, name));
}

/** What readers had to read twice, and what is said instead. */
test.each([
  ["no earlier run of it has a known fingerprint", "new: nothing to reuse"],
  ["nothing that its result depends on has changed since", "reused from"],
  ["else a hook has to", "or a hook provides it"],
  ["before prep nothing is there", "add consumes"],
  ["has no plain path", "has no path in the catalog"],
  ["linked if what it has of", "runs only if"],
  ["that nobody can look at", "not checked"],
  ["nothing that a kept run was made of, however far back", "everything that a kept run depends on"],
  ["the smallest replay, with its cost, on consent", "shows the plan and asks first"],
  ["name the first rule by which", "why not"],
  ["What can't be given a place of its own or be pinned", "cannot be versioned"],
  ["can't both be of one place and apart", "cannot isolate"],
  ["It is said of nothing that a run", "No warning for"],
  ["comes out with the content of then", "byte-identical"],
  ["Both are of the case", "worst cases"],
  ["of a run that came to something else; if none did", "earliest recorded cause"],
  ["(for up to a tenth of its node's time, if that can matter)", "capped at"],
])("%j is said in plainer words, such as %j", (phrase) => {
  expect(FILES.filter((file) => readFileSync(join(ROOT, file), "utf8").includes(phrase))).toEqual([]);
});
