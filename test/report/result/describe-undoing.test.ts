import { expect, it } from "vitest";
import type { UndoneFile } from "../../../src/core/event/rollback-event.ts";
import { describeUndoing } from "../../../src/report/result/describe-undoing.ts";

const actions: UndoneFile["action"][] = ["put-back", "removed", "as-before", "left"];
const publication = { location: "/out", files: actions.map((action) => ({ path: `/out/${action}`, action })) };

it("a roll-back says of each file what it did", () => {
  expect(describeUndoing(publication, "done")).toEqual([
    "put back /out/put-back",
    "removed /out/removed (nothing was there before)",
    "/out/as-before is already as it was before",
    "left as it is: /out/left (the earlier file is no longer kept)",
  ]);
});

it("a dry run says what it would do", () => {
  expect(describeUndoing(publication, "planned").slice(0, 2)).toEqual([
    "would put back /out/put-back",
    "would remove /out/removed (nothing was there before)",
  ]);
});
