import { type Documents, RUN } from "./documents.ts";

const deep = (open: string, times = 20_000): string => open.repeat(times);
const lines = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join("\n");

/** Small files that would become large, or take long. */
export const BOMBS: Documents = {
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
