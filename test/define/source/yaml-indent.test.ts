import fc from "fast-check";
import { expect, it } from "vitest";
import { readYaml } from "../../../src/define/source/yaml-source.ts";

function tell(...lines: string[]): string {
  const checked = readYaml(lines.join("\n"), "w.yaml");
  if (checked.ok) return "valid";
  const [problem] = checked.problems;
  if (problem === undefined) throw new Error("a refusal has a problem");
  return `${problem.location?.line}:${problem.location?.column} ${problem.message}`;
}

it.each([
  [
    "4:8 this line is indented by 7 spaces, the lines above by 8, 4 or 0",
    ["runs:", "    a:", "        command: [x]", "       needs: [b]"],
  ],
  ["4:4 this line is indented by 3 spaces, the lines above by 8, 4 or 0", ["runs:", "    a:", "        b: c", "   d:"]],
  ["3:11 this line is indented by 10 spaces, the lines above by 4 or 0", ["a:", "    b: [c]", "          d: e"]],
  ["2:3 this line is indented by 2 spaces, the lines above by 0", ["name: x", "  project: y"]],
  ["4:2 this line is indented by 1 space, the lines above by 0", ["name: x", "", "# more", " project: y"]],
  ["1:10 a second key on one line", ["command: a: b"]],
  ["valid", ["runs:", "  a:", "    b: c", "  d: e"]],
])("%s", (expected, lines) => {
  expect(tell(...lines)).toBe(expected);
});

it("names a line of the file, whatever the layout", () => {
  const line = fc
    .tuple(fc.nat(6), fc.constantFrom("a: b", "a:", "- a", "a: b: c", "", "# c"))
    .map(([n, text]) => " ".repeat(n) + text);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
      const [, row = "1"] = /^(\d+):/.exec(tell(...lines)) ?? [];
      expect(Number(row)).toBeLessThanOrEqual(lines.length);
    }),
  );
});
