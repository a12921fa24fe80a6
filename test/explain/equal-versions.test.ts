import { expect, test } from "vitest";
import { measureBlast } from "../../src/explain/blast-radius.ts";
import { chooseAffectedRuns, listAffectedRuns } from "../../src/explain/heal/affected-runs.ts";
import { formatTaint, indexTaints, traceTaints } from "../../src/explain/taint.ts";
import { toBlastText } from "../../src/explain/text/blast-text.ts";
import { HealingWorld } from "./healing-world.ts";

const BAD = { saves: { o: "bad" } };

function open() {
  const world = new HealingWorld();
  const bad = () => traceTaints(world.registry).versions.map(({ run_id, kind }) => `${world.nameOf(run_id)} ${kind}`);
  const told = (run_id: string) => {
    const found = indexTaints(world.registry).ofVersion({ dataset: "o", run_id });
    return found === null ? null : formatTaint(found);
  };
  return { world, bad, told, session: () => world.startSession() };
}

test("a taint reaches what the same run has saved before and after with the same content, and what was made of that", () => {
  const { world, session, told } = open();
  const before = world.execute(session(), "make", BAD);
  const tainted = world.execute(session(), "make", BAD);
  const other = world.execute(session(), "make", { saves: { o: "good" } });
  world.taint(tainted);
  const later = session();
  const after = world.execute(later, "make", BAD);
  const reader = world.execute(later, "use", { reads: [["i", after, "o"]], saves: { o: "x" } });
  const cause = `has the content of o@${tainted.run_id}, which is tainted: wrong units`;
  expect(told(tainted.run_id)).toBe("is tainted: wrong units");
  expect([told(before.run_id), told(after.run_id)]).toEqual([cause, cause]);
  expect(told(reader.run_id)).toBe(`was made of o@${after.run_id}, which ${cause}`);
  expect(told(other.run_id)).toBeNull();
});

test("a taint of one version alone reaches no other one", () => {
  const { world, session, bad } = open();
  world.execute(session(), "make", BAD);
  world.taint(world.execute(session(), "make", BAD), "o", { onlyThis: true });
  expect(bad()).toEqual(["make tainted"]);
  expect(measureBlast(world.registry).taints).toMatchObject([{ only_this: true }]);
  expect(toBlastText(measureBlast(world.registry))).toContain("this version alone");
});

test("content that is alike by chance is not reached: of another dataset, another run, another workflow", () => {
  const { world, session, bad } = open();
  const tainted = world.execute(session(), "make", { saves: { o: "empty", p: "empty" } });
  world.execute(session(), "other", { saves: { o: "empty" } });
  const foreign = world.history.startSession("other");
  world.execute(foreign, "make", { saves: { o: "empty" } });
  world.taint(tainted);
  expect(bad()).toEqual(["make tainted"]);
});

test("the same work under another name is reached, and what belongs at the same path of the project", () => {
  const { world, session, bad } = open();
  const tainted = world.execute(session(), "make", { ...BAD, work: "sha256:w", plain: "memory://o" });
  const foreign = world.history.startSession("other");
  world.execute(foreign, "renamed", { ...BAD, work: "sha256:w" });
  world.execute(foreign, "elsewhere", { ...BAD, plain: "memory://o" });
  world.execute(foreign, "unlike", { ...BAD, plain: "memory://p", work: "sha256:v" });
  world.taint(tainted);
  expect(bad()).toEqual(["make tainted", "renamed equal", "elsewhere equal"]);
});

test("formats of one file are one dataset", () => {
  const { world, session, bad } = open();
  const tainted = world.execute(session(), "make", { saves: { "t@pandas": "bad" } });
  world.execute(session(), "make", { saves: { "t@spark": "bad" } });
  world.taint(tainted, "t");
  expect(bad()).toEqual(["make tainted", "make equal"]);
});

test("an equal version stays bad until the last taint of its content is cleared", () => {
  const { world, session, bad } = open();
  const [one, two] = [world.execute(session(), "make", BAD), world.execute(session(), "make", BAD)];
  world.taint(one);
  world.taint(two);
  world.clear(one);
  expect(bad()).toEqual(["make tainted", "make equal"]);
  world.clear(two);
  expect(bad()).toEqual([]);
});

test("the answer counts and names what is equal; healing has to make that again too", () => {
  const { world, session } = open();
  const [one, two] = [world.execute(session(), "make", BAD), world.execute(session(), "make", BAD)];
  world.taint(one);
  const blast = measureBlast(world.registry);
  expect(blast.equal).toEqual([{ dataset: "o", run_id: two.run_id, equal_to: one.run_id }]);
  expect(toBlastText(blast)).toContain(
    `1 other version has the same content and counts as tainted too: o@${two.run_id}`,
  );
  const affectedRuns = [...listAffectedRuns(world.registry).values()];
  expect(affectedRuns.map(({ run_id, tainted }) => [run_id, tainted])).toEqual([
    [one.run_id, ["o"]],
    [two.run_id, ["o"]],
  ]);
  const scope = { versions: [{ dataset: "o", run_id: one.run_id }], sessions: [] };
  const named = chooseAffectedRuns(listAffectedRuns(world.registry), { registry: world.registry, scope });
  expect([...named.keys()]).toEqual([one.run_id]);
});
