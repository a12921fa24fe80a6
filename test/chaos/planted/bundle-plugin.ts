import type { Plugin } from "esbuild";
import { fileOf, findBug, plantIn } from "./plant.ts";

/** Plants a bug in the package that the harness's processes run. */
export function plantingPlugin(name: string): Plugin {
  const bug = findBug(name);
  const contents = plantIn(bug);
  return {
    name: "planted-bug",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => (path === fileOf(bug) ? { contents, loader: "ts" } : null));
    },
  };
}
