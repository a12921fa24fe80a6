import type { CommandOutput } from "../../core/port/runner.ts";
import type { CommandDefinition, KeyPath } from "../definition.ts";
import { atKey, atValue, type Finding } from "../finding.ts";
import type { CommandRunInput, ModuleRunInput } from "../schema.ts";
import { checkListed, type RunScope, readCommonFields, resolvePath } from "./read-common.ts";

/** A run of a command, defaults applied. */
export function readCommandRun(name: string, input: CommandRunInput, scope: RunScope): CommandDefinition {
  const argv = readCommand(input, ["runs", name], scope.findings);
  return { kind: "command", name, ...readProcessFields(name, input, scope), argv, shell: input.shell ?? false };
}

type ReadFields = Omit<CommandDefinition, "kind" | "name" | "argv" | "shell">;

/** Reads the fields of runs that are a process of their own, of any program. */
export function readProcessFields(name: string, input: CommandRunInput | ModuleRunInput, scope: RunScope): ReadFields {
  const path = ["runs", name];
  const { dir, defaults, findings } = scope;
  const cwd = resolvePath(dir, input.cwd ?? defaults.cwd ?? ".");
  checkConsumed(input, path, findings);
  checkEnvironment(input.environment ?? {}, [...path, "environment"], findings);
  return {
    ...readCommonFields(path, input, scope),
    cwd,
    environment: { ...defaults.environment, ...input.environment },
    sources: (input.sources ?? []).map((source) => resolvePath(dir, source)),
    outputs: readOutputs(input, cwd, { path: [...path, "outputs"], findings }),
  };
}

function readCommand({ command, shell = false }: CommandRunInput, path: KeyPath, findings: Finding[]): string[] {
  const place = [...path, "command"];
  if (command === undefined) return [];
  if (typeof command === "string") {
    if (!shell) {
      const words = command.trim().split(/\s+/);
      const list = /^[\w./ -]{1,60}$/.test(command) ? `[${words.join(", ")}]` : "a list";
      findings.push(
        atValue(
          place,
          "invalid-command",
          "a command in one string needs a shell",
          `write ${list}, or add \`shell: true\``,
        ),
      );
    }
    return [command];
  }
  if (shell) {
    const message = "with `shell: true`, the command is one string";
    findings.push(atValue(place, "invalid-command", message, "remove `shell`, or write the command as one string"));
  }
  if (command[0] === "") findings.push(atValue([...place, 0], "invalid-command", "the program's name is empty"));
  return command;
}

interface Place {
  path: KeyPath;
  findings: Finding[];
}

function readOutputs(
  input: Pick<CommandRunInput, "outputs">,
  cwd: string,
  { path, findings }: Place,
): Record<string, CommandOutput> {
  const { outputs = [] } = input;
  if (Array.isArray(outputs)) {
    checkListed(outputs, path, findings);
    return Object.fromEntries(outputs.map((name) => [name, { path: null }]));
  }
  const captured = Object.entries(outputs).map(([name, file]) => [name, { path: resolvePath(cwd, file) }]);
  return Object.fromEntries(captured);
}

function checkConsumed(input: Pick<CommandRunInput, "consumes">, path: KeyPath, findings: Finding[]): void {
  for (const [dataset, consumed] of Object.entries(input.consumes ?? {})) {
    if (typeof consumed === "string" || !("as" in consumed) || consumed.as === undefined) continue;
    const message = "`as` is about catalog entries, and only a pipeline has them";
    findings.push(atKey([...path, "consumes", dataset, "as"], "invalid-value", message, "remove it"));
  }
}

/** Variables that a process can be given, and that runweave does not set itself. */
export function checkEnvironment(environment: Record<string, string>, path: KeyPath, findings: Finding[]): void {
  for (const name of Object.keys(environment)) {
    if (name.includes("=")) {
      findings.push(
        atKey([...path, name], "invalid-name", `"${name}" can't be the name of a variable`, "remove the ="),
      );
    } else if (name.startsWith("RUNWEAVE_")) {
      findings.push(atKey([...path, name], "invalid-name", `runweave itself sets ${name}`, "give it another name"));
    }
  }
}
