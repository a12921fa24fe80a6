import fc from "fast-check";
import { expect, test } from "vitest";
import { displayWidth } from "../../../src/report/text/display-width.ts";
import { plain, styled } from "../../../src/report/text/spans.ts";
import { type Column, renderTable } from "../../../src/report/text/table.ts";
import { CONTROL, hostileText } from "../hostile-text.ts";

const columns: Column[] = [{ title: "NAME", flexible: true }, { title: "SIZE", align: "right" }, { title: "ID" }];
const wide = { columns: null, color: false };

test("aligns by what a terminal shows, numbers to the right", () => {
  const rows = [
    [plain("漢字"), plain("5"), plain("x1")],
    [plain("train"), plain("1200"), plain("x2")],
  ];
  expect(renderTable(columns, rows, wide)).toEqual(["NAME   SIZE  ID", "漢字      5  x1", "train  1200  x2"]);
});

test("leaves out a column that is empty in every row", () => {
  expect(renderTable(columns, [[plain("a"), plain(""), plain("x1")]], wide)).toEqual(["NAME  ID", "a     x1"]);
});

test("cuts what may be cut, never an id", () => {
  const rows = [[plain("a_name_of_some_length"), plain("5"), plain("an_id_to_copy")]];
  expect(renderTable(columns, rows, { columns: 30, color: false })[1]).toBe("a_name_o…     5  an_id_to_copy");
});

test("leaves out optional columns before it cuts anything, the last one first", () => {
  const optional: Column[] = [...columns, { title: "X", optional: true }, { title: "Y", optional: true }];
  const rows = [["train_model", "5", "id1", "xxx", "yyy"].map(plain)];
  const header = (width: number) => renderTable(optional, rows, { columns: width, color: false })[0]?.split(/ +/);
  expect(header(32)).toEqual(["NAME", "SIZE", "ID", "X", "Y"]);
  expect(header(31)).toEqual(["NAME", "SIZE", "ID", "X"]);
  expect(header(26)).toEqual(["NAME", "SIZE", "ID"]);
  expect(renderTable(optional, rows, { columns: 21, color: false })[1]).toBe("train_mod…     5  id1");
});

test("cuts a yielding column before it leaves out an optional one", () => {
  const yielding: Column[] = [
    { title: "ID" },
    { title: "STARTED", optional: true },
    { title: "WHAT", flexible: true, yielding: true },
  ];
  const rows = [["id1", "today", "a healing of another session"].map(plain)];
  expect(renderTable(yielding, rows, { columns: 24, color: false })[1]).toBe("id1  today    a healing…");
});

test("has no lines without rows", () => {
  expect(renderTable(columns, [], wide)).toEqual([]);
});

test("a colour does not move the columns", () => {
  const rows = [[styled("red", "ab"), plain("5"), plain("x")]];
  expect(renderTable(columns, rows, { columns: null, color: true })[1]).toBe("\u001b[31mab\u001b[39m       5  x");
});

test("flexible tables fit any terminal that has room for their least width, whatever they hold", () => {
  const two: Column[] = [
    { title: "A", flexible: true },
    { title: "B", flexible: true },
  ];
  const row = fc.tuple(hostileText, hostileText).map((cells) => cells.map(plain));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 4 }), fc.integer({ min: 18, max: 60 }), (rows, width) => {
      for (const line of renderTable(two, rows, { columns: width, color: false })) {
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(line).not.toMatch(CONTROL);
      }
    }),
  );
});
