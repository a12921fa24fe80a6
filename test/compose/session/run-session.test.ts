import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runSession } from "../../../src/compose/session/run-session.ts";
import { openWorkspace } from "../../../src/compose/workspace.ts";
import { planOf } from "../../rig/plans.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";
import { waitFor } from "../../rig/wait-for.ts";

test("the plan is kept while git is asked, and the session's first event has both", async () => {
  const folder = makeTemporaryFolder();
  const workspace = openWorkspace({ from: folder, registry: folder });
  const sessions = join(folder, "sessions");
  const git = { commit: "c0ffee", dirty: true };
  const answer = async () => {
    await waitFor(() => readdirSync(folder).includes("sessions") && readdirSync(sessions).length === 1);
    return {
      git,
      origin: { host: "h", user: "u", platform: "p", node: "n", runweave: "r", working_folder: "/", patch: null },
    };
  };
  const { record } = await runSession({ workspace, plan: planOf([]), code: answer() });
  expect(record).toMatchObject({
    git_commit: "c0ffee",
    git_dirty: true,
    origin: { plan: expect.stringMatching(/^sha256:/) },
  });
  await workspace.close();
});
