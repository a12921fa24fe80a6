import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fillPaths, UnknownPathError } from "../../../src/runners/process/fill-paths.ts";
import { commandTask } from "../../rig/resolved-run.ts";

const cwd = "/";
const paths = { inputs: { model: "/s/m", "a.b@c": "/s/abc" }, outputs: { bundle: "/s/b" } };

test.each([
  [`\${inputs.model.path}`, "/s/m"],
  [`--in=\${inputs.model.path} \${outputs.bundle.path}`, "--in=/s/m /s/b"],
  [`\${inputs.a.b@c.path}`, "/s/abc"],
  [`\${HOME} $x \${inputs.model}`, `\${HOME} $x \${inputs.model}`],
])("the argument %j becomes %j", (text, filled) => {
  expect(fillPaths(commandTask([text], { cwd, environment: { V: text } }), { paths })).toEqual({
    argv: [filled],
    environment: { V: filled },
  });
});

test("variables and paths are filled in at once, and what was filled in is not looked through again", () => {
  const variables = { T: "${inputs.model.path} $${x}" };
  const text = "${env:T} ${inputs.model.path} $${inputs.model.path} $${env:T}";
  const told = "${inputs.model.path} $${x} /s/m ${inputs.model.path} ${env:T}";
  const task = commandTask([text], { cwd, environment: { V: text } });
  expect(fillPaths(task, { paths, variables })).toEqual({ argv: [told], environment: { V: told } });
  expect(fillPaths(task, { paths }).argv).toEqual(["${env:T} /s/m $${inputs.model.path} $${env:T}"]);
  const script = commandTask(["echo $${X:-a}"], { cwd, shell: true });
  expect(fillPaths(script, { paths, variables }).argv[2]).toBe("echo ${X:-a}");
});

test.each([`\${inputs.bundle.path}`, `\${outputs.nope.path}`, `\${inputs.toString.path}`])("%j is refused", (text) => {
  expect(() => fillPaths(commandTask([text], { cwd }), { paths })).toThrow(UnknownPathError);
  expect(() => fillPaths(commandTask([text], { cwd, shell: true }), { paths })).toThrow("the run has no such");
});

test("a shell script is one script, with plain paths as they are", () => {
  const task = commandTask([`cat '\${inputs.model.path}'`, "| wc"], { cwd, shell: true });
  expect(fillPaths(task, { paths }).argv).toEqual(["/bin/sh", "-c", "cat '/s/m' | wc"]);
});

test("no path is ever parsed as a script", () => {
  const nasty = fc.string({ unit: fc.constantFrom("$", "(", ")", "`", '"', "'", ";", " ", "\\", "a", "*", "\n") });
  fc.assert(
    fc.property(nasty, (path) => {
      const task = commandTask([`printf %s "\${inputs.x.path}"`], { cwd, shell: true });
      const { argv, environment } = fillPaths(task, { paths: { inputs: { x: `/p${path}` }, outputs: {} } });
      const [program = "", ...args] = argv;
      expect(execFileSync(program, args, { env: environment }).toString()).toBe(`/p${path}`);
    }),
    { numRuns: 30 },
  );
});
