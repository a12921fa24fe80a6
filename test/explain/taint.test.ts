import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunId } from "../../src/core/run-id.ts";
import { measureBlast } from "../../src/explain/blast-radius.ts";
import { indexTaints, listTaints, traceTaints } from "../../src/explain/taint.ts";
import { toBlastText } from "../../src/explain/text/blast-text.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { type AttemptRef, consumedPin, History } from "../suites/history.ts";

const by = { user: "ann", host: "vm-1", pid: 7 };

function open() {
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const session = history.startSession();
  const make = (run: string, reads: [string, AttemptRef, string?][] = [], saves = ["o"]): AttemptRef => {
    history.declare(session, run);
    return history.complete(session, run, {
      pins: reads.map(([name, ref, from]) => consumedPin(name, ref, from)),
      saves,
    });
  };
  const about = ({ session_id, run, run_id }: AttemptRef, dataset = "o") => {
    return { time: history.time, session_id, run, run_id, dataset };
  };
  return {
    ...{ registry, history, session, make, about },
    taint: (ref: AttemptRef, dataset = "o") =>
      history.add({ type: "version.tainted", ...about(ref, dataset), reason: "wrong units", by }),
    clear: (ref: AttemptRef, dataset = "o") =>
      history.add({ type: "version.cleared", ...about(ref, dataset), reason: null, by }),
    confirm: (ref: AttemptRef, equal: AttemptRef, dataset = "o") =>
      history.add({ type: "version.confirmed", ...about(ref, dataset), equal_to: equal.run_id }),
    bad: () => traceTaints(registry).versions.map(({ run_id, dataset }) => `${nameOf(registry, run_id)}.${dataset}`),
  };
}

function nameOf(registry: ReturnType<typeof createMemoryRegistry>, runId: RunId): string {
  return registry.findHeads([runId])[0]?.run ?? "";
}

describe("what a taint reaches", () => {
  it("is what was made of the version, and nothing that was made of another dataset of the same run", () => {
    const { make, taint, bad, registry } = open();
    const a = make("a", [], ["x", "y"]);
    const b = make("b", [["x", a]]);
    make("c", [["y", a]]);
    const d = make("d", [["o", b]], []);
    taint(a, "x");
    expect(bad()).toEqual(["a.x", "b.o"]);
    const index = indexTaints(registry);
    expect(index.ofVersion({ dataset: "y", run_id: a.run_id })).toBeNull();
    expect(index.ofRun(d.run_id)?.taint.reason).toBe("wrong units");
  });

  it("goes by the file and not by the format", () => {
    const { make, taint, bad } = open();
    const a = make("a", [], ["t@pandas"]);
    make("b", [["mine", a, "t@spark"]]);
    taint(a, "t");
    expect(bad()).toEqual(["a.t", "b.o"]);
  });

  it("is nothing any more once it is cleared, and something again once it is said again", () => {
    const { make, taint, clear, bad, registry } = open();
    const a = make("a");
    taint(a);
    clear(a);
    expect([bad(), listTaints(registry)]).toEqual([[], []]);
    taint(a);
    expect(bad()).toEqual(["a.o"]);
  });

  it("ends where a version came out equal of what is not bad, unless that turns out bad itself", () => {
    const { make, taint, confirm, bad } = open();
    const a = make("a");
    const b = make("b", [["o", a]]);
    make("c", [["o", b]]);
    const good = make("good");
    const again = make("again", [["o", good]]);
    taint(a);
    expect(bad()).toEqual(["a.o", "b.o", "c.o"]);
    confirm(b, again);
    expect(bad()).toEqual(["a.o"]);
    taint(good);
    expect(bad()).toEqual(["a.o", "good.o", "b.o", "again.o", "c.o"]);
  });

  it("is told over runs, sessions, aliases and plain paths", () => {
    const { make, taint, about, history, registry, session } = open();
    const a = make("a");
    const b = make("b", [["o", a]]);
    const other = history.startSession("other");
    history.declare(other, "x");
    const reused = { run_id: b.run_id, fingerprint: null, load_versions: {}, reason: "linked" };
    history.add({ type: "run.reused", time: history.time, session_id: other, run: "x", ...reused });
    history.add({ type: "alias.set", ...about(b), alias: "champion" });
    history.add({ type: "alias.set", ...about(make("good")), alias: "other" });
    history.add({ type: "dataset.published", ...about(b), location: "/plain/o" });
    taint(a);
    const blast = measureBlast(registry);
    expect(blast.runs.map(({ run, bad }) => [run, bad])).toEqual([
      ["a", ["o"]],
      ["b", ["o"]],
    ]);
    expect(blast.sessions).toMatchObject([
      {
        session_id: session,
        runs: [
          { run: "a", is_reused: false },
          { run: "b", is_reused: false },
        ],
      },
      { session_id: other, runs: [{ run: "x", run_id: b.run_id, is_reused: true }] },
    ]);
    expect(blast.aliases).toMatchObject([{ alias: "champion" }]);
    expect(blast.published).toMatchObject([{ location: "/plain/o" }]);
    const text = toBlastText(blast);
    expect(text).toContain(`o@${a.run_id} is tainted: wrong units (ann`);
    expect(text).toContain("x (reused)");
    const twice = toBlastText({ ...blast, published: [...blast.published, ...blast.published] });
    expect(twice.match(/plain.o/g)).toHaveLength(1);
    expect(toBlastText(measureBlast(open().registry))).toBe("nothing is tainted\n");
  });
});

/** Runs that read some datasets of those before them, some tainted, some confirmed by another one. */
const world = fc.record({
  runs: fc.array(fc.array(fc.tuple(fc.nat(7), fc.constantFrom("x", "y")), { maxLength: 3 }), {
    minLength: 1,
    maxLength: 8,
  }),
  taints: fc.array(fc.tuple(fc.nat(7), fc.constantFrom("x", "y")), { maxLength: 2 }),
  confirms: fc.array(fc.tuple(fc.nat(7), fc.constantFrom("x", "y"), fc.nat(7)), { maxLength: 3 }),
});

it("reaches exactly what paths of reads lead to, but for what is confirmed by something that none leads to", () => {
  fc.assert(
    fc.property(world, ({ runs, taints, confirms }) => {
      const { registry, make, taint, confirm } = open();
      const refs: AttemptRef[] = [];
      const at = (index: number) => refs[index % refs.length] as AttemptRef;
      const reads = runs.map((wanted, index) =>
        index === 0 ? [] : wanted.map(([writer, d]) => [writer % index, d] as const),
      );
      for (const [index, of] of reads.entries())
        refs.push(
          make(
            `r${index}`,
            of.map(([writer, d], n) => [`in${n}`, at(writer), d]),
            ["x", "y"],
          ),
        );
      for (const [index, dataset] of taints) taint(at(index), dataset);
      for (const [index, dataset, other] of confirms) confirm(at(index), at(other), dataset);
      const sources = new Set(taints.map(([index, d]) => `${index % refs.length}.${d}`));
      // By the meaning of the words, each version asked again and again until no answer changes.
      const judge = (held: typeof confirms) => {
        const spared = new Set(held.map(([index, d]) => `${index % refs.length}.${d}`));
        const bad = new Set(sources);
        for (let size = -1; size !== bad.size; ) {
          size = bad.size;
          for (const [index, of] of reads.entries())
            for (const d of ["x", "y"])
              if (of.some(([w, from]) => bad.has(`${w}.${from}`)) && !spared.has(`${index}.${d}`))
                bad.add(`${index}.${d}`);
        }
        return bad;
      };
      let held = confirms;
      for (;;) {
        const bad = judge(held);
        const left = held.filter(([, d, other]) => !bad.has(`${other % refs.length}.${d}`));
        if (left.length === held.length) break;
        held = left;
      }
      const found = traceTaints(registry).versions.map(({ run_id, dataset }) => {
        return `${refs.findIndex((ref) => ref.run_id === run_id)}.${dataset}`;
      });
      expect(found.toSorted()).toEqual([...judge(held)].toSorted());
    }),
    { numRuns: 300 },
  );
});
