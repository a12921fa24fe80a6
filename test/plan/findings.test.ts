import { describe, expect, test } from "vitest";
import { problemAt, warningAt } from "../../src/core/error/problem.ts";
import { gatherFindings } from "../../src/plan/findings.ts";

describe("gatherFindings", () => {
  test("says a subject once, as it was first described, and counts the rest", () => {
    const findings = gatherFindings();
    for (const arm of [1, 2, 3])
      findings.add(["not-read", "train"], () => problemAt(null, "not-read", `train[${arm}]`));
    findings.add(["not-read", "score"], () => problemAt(null, "not-read", "score"));
    expect(findings.list().map(({ message }) => message)).toEqual(["train[1] (and 2 more like it)", "score"]);
  });

  test("tells subjects apart whatever their names hold", () => {
    const findings = gatherFindings();
    for (const subject of [["a", "b"], ["a,b"], ['a","b']]) findings.add(subject, () => problemAt(null, "x", "x"));
    expect(findings.list()).toHaveLength(3);
  });

  test("keeps an error behind any number of warnings, and puts it first", () => {
    const findings = gatherFindings();
    for (let index = 0; index < 500; index++) findings.warn([index], () => warningAt(null, "w", `w${index}`));
    findings.add(["e"], () => problemAt(null, "e", "e"));
    const listed = findings.list();
    expect(listed[0]).toMatchObject({ code: "e", severity: "error" });
    expect(listed).toHaveLength(1 + 200 + 1);
    expect(listed.at(-1)).toMatchObject({ severity: "warning", message: "and 300 more warnings" });
  });

  test("describes no more than it lists", () => {
    const findings = gatherFindings();
    let described = 0;
    for (let index = 0; index < 1000; index++) {
      findings.add([index], () => {
        described += 1;
        return problemAt(null, "e", "e");
      });
    }
    expect(described).toBe(200);
    expect(findings.list().at(-1)?.message).toBe("and 800 more problems");
  });
});
