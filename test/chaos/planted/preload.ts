/** Loaded before the harness: plants the bug that CHAOS_PLANT names in what the harness imports. */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { fileOf, findBug, PLANT_VARIABLE, plantIn } from "./plant.ts";

const name = process.env[PLANT_VARIABLE];
if (name !== undefined) {
  const bug = findBug(name);
  const target = pathToFileURL(fileOf(bug)).href;
  const source = plantIn(bug);
  registerHooks({
    load: (url, context, nextLoad) => (url === target ? { ...nextLoad(url, context), source } : nextLoad(url, context)),
  });
}
