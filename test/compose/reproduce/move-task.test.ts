import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { movePath, moveTask } from "../../../src/compose/reproduce/move-task.ts";
import { commandTask, kedroTask, moduleTask } from "../../rig/resolved-run.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

it.each([
  ["/repo", "/new"],
  ["/repo/a/b", "/new/a/b"],
  ["/repository/a", "/repository/a"],
  ["a/b", "a/b"],
  ["/other", "/other"],
])("%s becomes %s", (path, moved) => expect(movePath(path, { from: "/repo", to: "/new" })).toBe(moved));

it("a command runs on the rebuilt code, with the checkout's program where git has none", () => {
  const [from, to] = [makeTemporaryFolder(), makeTemporaryFolder()];
  for (const [folder, file] of [
    [from, ".venv/bin/python"],
    [from, "bin/tool"],
    [to, "bin/tool"],
  ] as const) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  const outputs = { own: { path: null }, captured: { path: join(from, "dist/x.zip") } };
  const move = (argv: string[]) =>
    moveTask(commandTask(argv, { cwd: join(from, "flows"), outputs }), { from, to }, null);
  expect(move(["../.venv/bin/python", "run.py", join(from, "a")])).toMatchObject({
    argv: [join(from, ".venv/bin/python"), "run.py", join(to, "a")],
    cwd: join(to, "flows"),
    outputs: { own: { path: null }, captured: { path: join(to, "dist/x.zip") } },
  });
  expect(move(["../bin/tool"])).toMatchObject({ argv: [join(to, "bin/tool")] });
  expect(move(["sh"])).toMatchObject({ argv: ["sh"] });
});

it("a module is that of the rebuilt code, its parameters are what they were", () => {
  const module = { path: "/repo/flows/score.ts", params: { at: "/repo/data" } };
  const task = moduleTask(module, { cwd: "/repo/flows" });
  expect(moveTask(task, { from: "/repo", to: "/new" }, null)).toMatchObject({
    ...{ kind: "module", cwd: "/new/flows", module: { path: "/new/flows/score.ts", params: { at: "/repo/data" } } },
  });
});

it("a project is that of the rebuilt code, run by the interpreter that was chosen", () => {
  const task = kedroTask({ project_path: "/repo/project", conf_source: "/repo/conf", python: "python3" });
  const move = { from: "/repo", to: "/new" };
  expect(moveTask(task, move, "/venv/bin/python")).toMatchObject({
    project_path: "/new/project",
    conf_source: "/new/conf",
    python: "/venv/bin/python",
  });
  expect(moveTask(task, move, null)).toMatchObject({ python: "python3" });
});
