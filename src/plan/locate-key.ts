import type { Location } from "../core/error/problem.ts";
import type { KeyPath, WorkflowDefinition } from "../define/definition.ts";

/**
 * Finds the first of `keys` that the file has for a run: in the run, in `defaults`, or for the whole workflow; else the
 * run itself. A key may be the path of an item: `["nodes", 1]`.
 */
export function locateKey(
  { locate }: WorkflowDefinition,
  run: string,
  keys: readonly (string | KeyPath)[],
): Location | null {
  const whole = ["runs", run];
  const levels: KeyPath[] = [whole, ["defaults"], []];
  for (const level of levels) {
    const around = locate(level);
    for (const key of keys) {
      const place = locate([...level, ...[key].flat()]);
      if (place?.line !== around?.line || place?.column !== around?.column) return place;
    }
  }
  return locate(whole);
}
