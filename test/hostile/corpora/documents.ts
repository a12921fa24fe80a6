import { writeFileSync } from "node:fs";
import { judgeSaid } from "../command-line.ts";
import type { Corpus, HostileCase } from "../corpus.ts";
import { BOMBS } from "../documents/bombs.ts";
import { BYTES } from "../documents/bytes.ts";
import type { Documents } from "../documents/documents.ts";
import { DUPLICATES, PROTOTYPES } from "../documents/keys.ts";
import { WRONG_TYPES } from "../documents/wrong-types.ts";
import { YAML_ONLY } from "../documents/yaml-only.ts";
import type { Sandbox } from "../sandbox.ts";

const KINDS: readonly { name: string; what: string; documents: Documents }[] = [
  { name: "bombs", what: "small workflow files that would become large, deep or slow", documents: BOMBS },
  {
    name: "prototype-keys",
    what: "keys with a meaning of their own, in every mapping of a workflow file",
    documents: PROTOTYPES,
  },
  { name: "duplicate-keys", what: "the same key twice, in every mapping of a workflow file", documents: DUPLICATES },
  {
    name: "yaml",
    what: "tags, anchors, merge keys, directives and scalars that YAML reads in its own way",
    documents: YAML_ONLY,
  },
  { name: "bytes", what: "encodings, byte order marks, line ends and bytes that are no text", documents: BYTES },
  { name: "wrong-types", what: "values of the wrong kind in every field", documents: WRONG_TYPES },
];

/** Files that are hardly workflows: each is a valid one, or has problems with their places. */
export function documentCorpora(sandbox: Sandbox): Corpus[] {
  return KINDS.map(({ name, what, documents }) => ({
    name,
    what,
    cases: Object.entries(documents).map(([file, content]): HostileCase => {
      return { name: file, check: () => judgeDocument(sandbox, file, { content, isTwice: name === "duplicate-keys" }) };
    }),
  }));
}

interface Problem {
  code: string;
  message: string;
  line: number | null;
}

async function judgeDocument(
  sandbox: Sandbox,
  file: string,
  { content, isTwice }: { content: string | Buffer; isTwice: boolean },
): Promise<string[]> {
  writeFileSync(sandbox.path(file), content);
  const text = await sandbox.say(["validate", sandbox.path(file)]);
  const complaints = judgeSaid(text);
  const json = await sandbox.say(["validate", sandbox.path(file), "--json"]);
  const { ok, problems } = JSON.parse(json.stdout) as { ok: boolean; problems: Problem[] };
  if (ok !== (text.exitCode === 0)) complaints.push(`exit code ${text.exitCode}, but ok is ${ok}`);
  if (!ok && problems.length === 0) complaints.push("refused without a problem");
  if (isTwice && !problems.some(({ code }) => code.startsWith("duplicate")))
    complaints.push("the repeated key goes through");
  complaints.push(...problems.filter(({ message }) => message === "").map(({ code }) => `${code} says nothing`));
  if (Object.keys(Object.prototype).length > 0 || "polluted" in {})
    complaints.push("the prototype of objects was changed");
  return complaints;
}
