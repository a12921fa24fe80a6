import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { type ShellPlace, ShellReader } from "../../../src/core/text/shell-reader.ts";
import { ShellScript } from "../../../src/core/text/shell-script.ts";

/** Scripts with @ where a value stands, and what it is there. */
const CASES: [script: string, place: ShellPlace][] = [
  ["echo @", "filled"],
  ['echo "@"', "filled"],
  ["echo '@'", "single-quotes"],
  ["echo '' '@'", "single-quotes"],
  ["echo \\' @", "filled"],
  ["# don't\necho @", "filled"],
  ["echo a#'@'", "single-quotes"],
  ["echo $(echo '@')", "single-quotes"],
  ['echo "$(echo "@")"', "filled"],
  ['echo "$(echo @)"', "filled"],
  ['echo "it\'s @"', "filled"],
  ["echo \"$(echo 'a')\" '@'", "single-quotes"],
  ["echo `echo '@'`", "single-quotes"],
  ["( echo '@' )", "single-quotes"],
  ["echo $((1<<2)) '@'", "single-quotes"],
  ["cat <<E\nit's @\nE", "filled"],
  ["cat <<E\nit's\nE\necho '@'", "single-quotes"],
  ["cat <<-E\n\tit's\n\tE\necho '@'", "single-quotes"],
  ["cat <<A; cat <<B\nit's\nA\n@ \"\nB", "filled"],
  ["cat <<'E'\nit's\nE\necho '@'", "single-quotes"],
];
const LOST: [script: string, place: ShellPlace][] = [
  ["echo \"$(echo '@')\"", "nested-single-quotes"],
  ['echo "a $(echo "b" \'c @\')"', "nested-single-quotes"],
  ["cat <<'E'\n@\nE", "quoted-here-document"],
  ['cat << "E"\n@\nE', "quoted-here-document"],
  ["cat <<\\E\n@\nE", "quoted-here-document"],
  ["cat <<-'E' | sort\n\t@\n\tE", "quoted-here-document"],
];

function readUpToValue(script: string): ShellPlace {
  const reader = new ShellReader();
  reader.read(script.slice(0, script.indexOf("@")));
  return reader.place;
}

describe("the place of a value", () => {
  test.each([...CASES, ...LOST])("%j is %s", (script, place) => expect(readUpToValue(script)).toBe(place));

  const values = ["a b", "it's", '"', "$(echo no)", "`", "\\", "*", "${HOME}"];
  test.each(CASES)("a shell gives every value to the program of %j", (script) => {
    for (const value of values) {
      const written = new ShellScript("V");
      const [before = "", after = ""] = script.split("@");
      written.write(before);
      written.writeValue(value);
      written.write(after);
      const env = { ...written.variables, HOME: "/home" };
      expect(execFileSync("/bin/sh", ["-fc", written.text], { env }).toString()).toContain(value);
    }
  });

  test.each(LOST)("a shell gives no value to the program of %j", (script) => {
    const [before = "", after = ""] = script.split("@");
    expect(execFileSync("/bin/sh", ["-c", `${before}\${V_0}${after}`], { env: { V_0: "value" } }).toString()).toContain(
      "${V_0}",
    );
  });
});
