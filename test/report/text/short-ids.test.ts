import fc from "fast-check";
import { expect, test } from "vitest";
import { isIdEnding } from "../../../src/core/run-id.ts";
import { createShortIds, listEntryForms, showWholeIds } from "../../../src/report/text/short-ids.ts";

const ID = "2026-11-23T21.04.54.666Z-0000d783fb92";
const show = (text: string) => createShortIds()([text])[0];

test.each([
  [ID, "d783fb92"],
  [`session ${ID} of churn`, "session d783fb92 of churn"],
  [`train (${ID}) saved no "x".`, 'train (d783fb92) saved no "x".'],
  [`model@${ID}: as of ${ID}.`, "model@d783fb92: as of d783fb92."],
  [`hint: \`runweave resume ${ID}\` finishes it`, "hint: `runweave resume d783fb92` finishes it"],
  [`runweave run w.yaml --only a --from ${ID}`, "runweave run w.yaml --only a --from d783fb92"],
  [`--with raw@import=${ID}`, "--with raw@import=d783fb92"],
  [`${ID}, ${ID}; [${ID}]`, "d783fb92, d783fb92; [d783fb92]"],
  [`gc-${ID}`, "gc-d783fb92"],
  [`name one of them: cleanup-${ID}, rollback-${ID}`, "name one of them: cleanup-d783fb92, rollback-d783fb92"],
  [`published-over-${ID}-1a2b3c4d`, "published-over-d783fb92-1a2b3c4d"],
])("%s: by its last digits", (text, shown) => {
  expect(show(text)).toBe(shown);
});

test.each([
  `.runweave/data/x-1/${ID}/x.csv`,
  `.runweave/logs/run_${ID}.log`,
  `s3://bucket/.runweave/trash/gc-${ID}/0`,
  `${ID}/x.csv`,
  `${ID}.log`,
  `there is no run "${ID}" in the registry`,
  `declare it: consumes: { table: { run_id: ${ID} } }`,
  `env RUNWEAVE_RUN_ID=${ID} ./train.sh`,
  `kedro run --load-versions=table:${ID},model:${ID}`,
  `/tmp/runweave-${ID}.yml`,
  "2026-11-23T21.04.54.666Z",
])("%s: whole, as it is read by something else", (text) => {
  expect(show(text)).toBe(text);
});

test("ids that end alike are told apart, wherever they stand in the same answer", () => {
  const [a, b, c] = ["0000d783fb92", "0001d783fb92", "0000aaaaaaaa"].map((end) => `2026-11-23T21.04.54.666Z-${end}`);
  expect(createShortIds()([`${a}`, `${b} ${c}`])).toEqual(["0000d783fb92", "0001d783fb92 aaaaaaaa"]);
  const later = ID.replace("54.666", "55.000");
  expect(createShortIds()([ID, later])).toEqual([ID, later]);
});

test("whole ids stay as they are", () => {
  expect(showWholeIds([`run ${ID}`])).toEqual([`run ${ID}`]);
});

test("an entry of the trash is named as it is shown", () => {
  const forms = ["published-over-d783fb92-1a2b3c4d", "published-over-0000d783fb92-1a2b3c4d"];
  expect(listEntryForms(`published-over-${ID}-1a2b3c4d`)).toEqual(forms);
});

const ids = fc
  .tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom("0000", "0001"), fc.constantFrom("d783fb92", "0783fb92"))
  .map(([second, counter, end]) => `2026-11-23T21.04.5${second}.666Z-${counter}${end}`);

test("in one answer no short form stands for two ids, each is an ending, and a second look changes nothing", () => {
  fc.assert(
    fc.property(fc.uniqueArray(ids, { maxLength: 12 }), (list) => {
      const showIds = createShortIds();
      const shown = showIds(list);
      for (const [at, short] of shown.entries()) {
        expect(list.filter((id) => id.endsWith(short))).toEqual([list[at]]);
        expect(short === list[at] || isIdEnding(short)).toBe(true);
      }
      expect(showIds(shown)).toEqual(shown);
    }),
  );
});
