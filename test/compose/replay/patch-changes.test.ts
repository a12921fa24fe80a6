import { expect, test } from "vitest";
import { listPatchChanges } from "../../../src/compose/replay/patch-changes.ts";

const part = (name: string, text: string) =>
  `diff --git a/${name} b/${name}\nindex 1..2 100644\n@@ -1 +1 @@\n${text}\n`;
const A = part("a.py", "-x\n+y");
const B = part("dir b/b c.py", "-diff --git a/no b/no\n+z");

test.each<[what: string, earlier: string, later: string, names: string[]]>([
  ["the same", A + B, A + B, []],
  ["one that is changed again", A + B, part("a.py", "-x\n+w") + B, ["a.py"]],
  ["one that is changed no more", A + B, A, ["dir b/b c.py"]],
  ["a new one", A, A + B, ["dir b/b c.py"]],
  ["one that git quotes", "", 'diff --git "a/n\\303\\244.py" "b/n\\303\\244.py"\nnew file\n', ["n\u00e4.py"]],
  ["a file behind a carriage return before a header", A + part("c.py", "+x\rdiff --git a/a.py b/a.py"), A, ["c.py"]],
  ["a file that becomes another link", part("l", "-x") + part("l", "+y"), part("l", "-w") + part("l", "+y"), ["l"]],
  ["nothing", "", "", []],
])("between two patches of one commit: %s", (_, earlier, later, names) => {
  expect(listPatchChanges(earlier, later)).toEqual(names);
});
