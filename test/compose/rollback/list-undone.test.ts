import { join } from "node:path";
import { expect, it } from "vitest";
import { describeFiles } from "../../../src/compose/consent/describe-execution.ts";
import { listUndone } from "../../../src/compose/rollback/plan-rollback.ts";
import { publish } from "../../rig/published-session.ts";

it("lists what would be put back or removed, before anything is looked at or done", async () => {
  const session = await publish({ table: "new", "more\nlines": "new" }, { table: "old" });
  const { registry, folders } = session;
  const { session_id } = session.find();
  const files = listUndone({ registry, folders }, session_id);
  const plain = join(folders.root, "../plain");
  expect(files).toEqual([
    { path: join(plain, "more\nlines"), action: "removed" },
    { path: join(plain, "table"), action: "put-back" },
  ]);
  const [removed, putBack] = describeFiles({ session: session.find(), runs: [], files });
  expect(removed).toBe(`would remove ${JSON.stringify(join(plain, "more\nlines"))} (nothing was there before)`);
  expect(putBack).toBe(`would put back ${join(plain, "table")}`);
  await session.undo();
  expect(listUndone({ registry, folders }, session_id)).toEqual([]);
});
