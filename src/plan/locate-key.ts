import type { Location } from "../core/error/problem.ts";
import type { KeyPath, WorkflowDefinition } from "../define/definition.ts";

/**
 * Where the file says the first of `keys` that it says at all for a run: in the run, in `defaults`, or for the whole
 * workflow. The run itself if it says none of them. A key may be the way to an item: `["nodes", 1]`.
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
