import type { InjectDefinition, KeyPath, RunDefinition } from "../../define/definition.ts";
import { formatCanonical } from "../canonical-json.ts";
import type { Injection } from "../plan.ts";
import { fillAbsolutePath, hideEnvironment, type Scope, substituteJson, substituteText } from "./substitute.ts";

/** Expands the inputs from outside the session, references filled in. */
export function expandInjects(definition: RunDefinition, scope: Scope, dir: string): Record<string, Injection> {
  const injects = Object.entries(definition.injects);
  // Nearly every run: of 100,000 each step counts.
  if (injects.length === 0) return {};
  const hidden = hideEnvironment(scope);
  const entries = injects.map(([dataset, injected]) => {
    const path = ["runs", definition.name, "consumes", dataset, injected.kind];
    const filled = fillInjected(injected, { scope, dir, path });
    return [dataset, { ...filled, shown: describeInjected(fillInjected(injected, { scope: hidden, dir, path }), dir) }];
  });
  return Object.fromEntries(entries);
}

interface Fill {
  scope: Scope;
  dir: string;
  path: KeyPath;
}

function fillInjected(injected: InjectDefinition, { scope, dir, path }: Fill): InjectDefinition {
  switch (injected.kind) {
    case "file":
      return { ...injected, path: fillAbsolutePath(injected.path, { dir, scope, path }) };
    case "value":
      return { ...injected, value: substituteJson(injected.value, scope, path) };
    case "run_id":
      return { ...injected, run_id: substituteText(injected.run_id, scope, path) };
    case "alias":
      return { ...injected, alias: substituteText(injected.alias, scope, path) };
    default:
      return injected satisfies never;
  }
}

/** Describes an input as the file has it: a path relative to the file, a value as JSON. */
function describeInjected(injected: InjectDefinition, dir: string): string {
  switch (injected.kind) {
    case "file":
      return injected.path.startsWith(`${dir}/`) ? injected.path.slice(dir.length + 1) : injected.path;
    case "value":
      return formatCanonical(injected.value);
    case "run_id":
      return injected.run_id;
    case "alias":
      return injected.alias;
    default:
      return injected satisfies never;
  }
}
