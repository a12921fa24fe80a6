import { writeFileSync } from "node:fs";
import { judgeSaid } from "../command-line.ts";
import type { Corpus, HostileCase } from "../corpus.ts";
import type { Sandbox } from "../sandbox.ts";

type Documents = Readonly<Record<string, string | Buffer>>;

const RUN = "runs: { a: { command: [ls] } }\n";
const deep = (open: string, times = 20_000): string => open.repeat(times);
const lines = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join("\n");

/** Small files that would become large, or take long. */
const BOMBS: Documents = {
  "laughs.yaml": `a0: &a0 [x, x]\n${lines(40, (at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}, *a${at}]`)}\n${RUN}`,
  "quadratic.yaml": `a: &a ${"x".repeat(50_000)}\nb: [${"*a, ".repeat(20_000)}]\n${RUN}`,
  "alias-of-itself.yaml": "a: &a [*a]\nruns: &r { a: *r }\n",
  "anchors-anew.yaml": `${lines(10_000, (at) => `k${at}: &a ${at}`)}\n${RUN}`,
  "alias-as-key.yaml": "a: &a x\n*a : y\n",
  "flow-lists.yaml": deep("["),
  "flow-mappings.yaml": deep("{a: "),
  "block-lists.yaml": deep("- "),
  "block-keys.yaml": deep("? "),
  "indents.yaml": lines(2_000, (at) => `${" ".repeat(at)}a:`),
  "lists.json": deep("["),
  "mappings.json": deep('{"a":'),
  "params-too-deep.json": `{"runs":{"a":{"pipeline":"p","params":{"x":${deep("[", 5_000)}${deep("]", 5_000)}}}}}`,
  "long-key.yaml": `${"k".repeat(2_000_000)}: 1\n${RUN}`,
  "long-scalar.yaml": `name: ${"x".repeat(5_000_000)}\n${RUN}`,
  "long-block.yaml": `name: |\n${lines(100_000, () => "  x")}\n${RUN}`,
  "long-number.json": `{"max_parallel": ${"9".repeat(1_000_000)}, "runs": {"a": {"command": ["ls"]}}}`,
  "infinite-number.json": '{"max_parallel": 1e999, "runs": {"a": {"command": ["ls"]}}}',
  "too-large.yaml": `# ${"x".repeat(11 << 20)}\n${RUN}`,
  "too-large.json": " ".repeat(65 << 20),
  "many-duplicates.json": `{"runs":{${'"a":{},'.repeat(100_000)}"b":{"command":["ls"]}}}`,
  "many-unknown.json": `{"runs":{"a":{${lines(50_000, (at) => `"k${at}":1,`)}"command":["ls"]}}}`,
  "many-documents.yaml": "---\na: 1\n".repeat(5_000),
  "many-errors.yaml": "}\n".repeat(20_000),
  "many-comments.yaml": `${"#\n".repeat(100_000)}${RUN}`,
  "matrix.json": `{"runs":{"a":{"command":["ls"],"matrix":{${lines(9, (at) => `"x${at}":[${lines(10, (n) => `${n}${n === 9 ? "" : ","}`)}]${at === 8 ? "" : ","}`)}}}}}`,
  "backslashes.json": `{"name": "${"\\\\".repeat(1_000_000)}", "runs": {"a": {"command": ["ls"]}}}`,
  "substitutions.json": `{"runs":{"a":{"command":["${"${".repeat(50_000)}"]}}}`,
};

/** Keys with a meaning of their own, to YAML or to JavaScript. */
const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "__defineGetter__",
  "then",
  "<<",
  "=",
];
const KEY_PLACES: Readonly<Record<string, (key: string) => string>> = {
  top: (key) => `{"${key}": {"polluted": 1}, "runs": {"a": {"command": ["ls"]}}}`,
  run: (key) => `{"runs": {"${key}": {"command": ["ls"]}}}`,
  field: (key) => `{"runs": {"a": {"command": ["ls"], "${key}": {"polluted": 1}}}}`,
  defaults: (key) => `{"defaults": {"${key}": {"polluted": 1}}, "runs": {"a": {"command": ["ls"]}}}`,
  params: (key) =>
    `{"runs": {"a": {"pipeline": "p", "project": "none", "params": {"x": {"${key}": {"polluted": 1}}}}}}`,
  axis: (key) => `{"runs": {"a": {"command": ["ls"], "matrix": {"${key}": [1]}}}}`,
  arm: (key) => `{"runs": {"a": {"command": ["ls"], "matrix": {"x": [{"${key}": 1}]}}}}`,
  include: (key) => `{"runs": {"a": {"command": ["ls"], "matrix": {"x": [1], "include": [{"${key}": 1}]}}}}`,
  output: (key) => `{"runs": {"a": {"command": ["ls"], "outputs": {"${key}": "x"}}}}`,
  consumed: (key) => `{"runs": {"a": {"command": ["ls"], "consumes": {"${key}": {"value": 1}}}}}`,
  value: (key) => `{"runs": {"a": {"command": ["ls"], "consumes": {"x": {"value": {"${key}": {"polluted": 1}}}}}}}`,
  where: (key) => `{"runs": {"a": {"command": ["ls"], "consumes": {"x": {"run": "b", "where": {"${key}": 1}}}}}}`,
  variable: (key) => `{"runs": {"a": {"command": ["ls"], "environment": {"${key}": "1"}}}}`,
  retries: (key) => `{"runs": {"a": {"command": ["ls"], "retries": {"max": 1, "${key}": 1}}}}`,
  resources: (key) => `{"resources": {"${key}": 1}, "runs": {"a": {"command": ["ls"]}}}`,
  store: (key) => `{"store": {"${key}": "x"}, "runs": {"a": {"command": ["ls"]}}}`,
};

/** The same key twice, in each mapping. */
const DUPLICATES: Documents = Object.fromEntries(
  Object.entries(KEY_PLACES).flatMap(([place, write]) => {
    const twice = write("k").replace(/"k": ?("[^"]*"|\{[^{}]*\}|\[[^\]]*\]|\d)/, (pair) => `${pair}, ${pair}`);
    return [
      [`twice-${place}.json`, twice],
      [`twice-${place}.yaml`, twice],
    ];
  }),
);

const PROTOTYPES: Documents = Object.fromEntries(
  KEYS.flatMap((key, at) =>
    Object.entries(KEY_PLACES).flatMap(([place, write]) => [
      [`${at}-${place}.json`, write(key)],
      [`${at}-${place}.yaml`, write(key)],
    ]),
  ),
);

/** Tags, directives and merge keys: what YAML can do beyond JSON. */
const YAML_ONLY: Documents = Object.fromEntries(
  [
    "!!python/object/apply:os.system ['touch pwned']",
    "!!python/name:os.system",
    "!!js/function 'function () {}'",
    "!!js/regexp /x/",
    "!!binary aGVsbG8=",
    "!!set {a, b}",
    "!!omap [a: 1]",
    "!!pairs [a: 1]",
    "!!timestamp 2026-01-01",
    "!!merge <<",
    "!!float .inf",
    "!!int 0o777",
    "!custom x",
    "!<tag:yaml.org,2002:str> x",
    "!<!> x",
    "! x",
    "&a",
    "*missing",
    "{ <<: { command: [rm] } }",
    "{ <<: [{ a: 1 }, { b: 2 }] }",
    "{ ? [a, b] : c }",
    "{ ? { a: b } : c }",
    ".nan",
    "-.inf",
    "0x7fffffffffffffffffff",
    "2026-11-23T21:04:54Z",
    "1_000",
    "12:30:45",
    "~",
    "yes",
    "'\\x41'",
    '"\\x1b[31m"',
    '"\\ud800"',
    '"\\U0010FFFF"',
    '"\\U00110000"',
    "|\n    block",
    ">-\n    folded",
    "%YAML 1.1",
    "\ttab",
    "@reserved",
    "`reserved`",
    "- - - x",
    ": : :",
    "{",
    "]",
    "${matrix.x}",
    "${{ github.token }}",
    "{{ jinja }}",
  ].flatMap((text, at) => [
    [`name-${at}.yaml`, `name: ${text}\n${RUN}`],
    [`run-${at}.yaml`, `runs:\n  a: ${text}\n`],
    [`command-${at}.yaml`, `runs:\n  a:\n    command: ${text}\n`],
    [`param-${at}.yaml`, `runs:\n  a:\n    pipeline: p\n    project: none\n    params:\n      x: ${text}\n`],
    [`top-${at}.yaml`, `${text}\n---\n${RUN}`],
  ]),
);

/** Bytes that are no text, or another one than they look like. */
const BYTES: Documents = Object.fromEntries(
  (["yaml", "json"] as const).flatMap((ending) => {
    const text = ending === "yaml" ? RUN : '{"runs": {"a": {"command": ["ls"]}}}\n';
    const utf16 = Buffer.from(text, "utf16le");
    const files: Record<string, string | Buffer> = {
      bom: `\ufeff${text}`,
      "two-boms": `\ufeff\ufeff${text}`,
      utf16: utf16,
      "utf16-bom": Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
      "utf16-swapped": Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]),
      "utf32-bom": Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from(text)]),
      latin1: Buffer.from(text.replace("ls", "l\u00e9"), "latin1"),
      overlong: Buffer.concat([Buffer.from(text), Buffer.from([0xc0, 0xaf])]),
      "cut-short": Buffer.concat([Buffer.from(text), Buffer.from([0xe6, 0xbc])]),
      surrogates: Buffer.concat([Buffer.from(text), Buffer.from([0xed, 0xa0, 0x80])]),
      nul: text.replace("ls", "l\u0000s"),
      nuls: "\u0000".repeat(100_000),
      gzip: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
      sqlite: "SQLite format 3\u0000",
      crlf: text.replaceAll("\n", "\r\n"),
      cr: text.replaceAll("\n", "\r"),
      nel: text.replaceAll("\n", "\u0085"),
      separators: text.replaceAll("\n", "\u2028"),
      escape: text.replace("ls", "\u001b[31mls"),
      "private-use": text.replace("ls", "\ue000\ufffe\uffff"),
      "right-to-left": text.replace("ls", "\u202els"),
      "wide-space": text.replaceAll(" ", "\u00a0"),
      empty: "",
      blank: "   \n\n\t\n",
      "one-brace": "{",
      "one-quote": '"',
    };
    return Object.entries(files).map(([name, content]) => [`${name}.${ending}`, content]);
  }),
);

/** Values of the wrong kind in every field. */
const WRONG = [
  "null",
  "true",
  "0",
  "-1",
  "1.5",
  "1e308",
  '""',
  '" "',
  '"x"',
  "[]",
  "[null]",
  "[[]]",
  "{}",
  '{"x": null}',
  '"\\u0000"',
  '"\\ud800"',
  '"${env:NONE}"',
  '"${matrix.none}"',
];
const TOP_FIELDS = [
  "$schema",
  "name",
  "project",
  "python",
  "max_parallel",
  "on_failure",
  "isolate",
  "floating",
  "publish",
  "store",
  "resources",
  "defaults",
  "runs",
  "cleanup_on_error",
];
const RUN_FIELDS = [
  "command",
  "shell",
  "sources",
  "consumes",
  "needs",
  "run_on",
  "matrix",
  "outputs",
  "cwd",
  "environment",
  "retries",
  "allow_failure",
  "cache",
  "timeout",
  "resources",
  "pipeline",
  "pipelines",
  "params",
  "env",
  "conf_source",
  "runner",
  "async",
  "tags",
  "nodes",
  "from_nodes",
  "namespaces",
];

const WRONG_TYPES: Documents = Object.fromEntries(
  WRONG.flatMap((value, at) => [
    ...TOP_FIELDS.map((field) => [
      `${field}-${at}.json`,
      `{"runs": {"a": {"command": ["ls"]}}, "${field}": ${value}}`.replace(/^(.*)"runs".*, "runs"/, '$1"runs"'),
    ]),
    ...RUN_FIELDS.map((field) => [
      `run-${field}-${at}.json`,
      `{"runs": {"a": {${field === "command" ? "" : '"command": ["ls"], '}"${field}": ${value}}}}`,
    ]),
  ]),
);

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
