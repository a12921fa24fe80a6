import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type BuildContext, context, type PluginBuild } from "esbuild";
import { describeBundle } from "../../../scripts/build.ts";
import { fileOf, findBug, plantIn } from "./plant.ts";

/** What the command line needs; a checkout has more. */
const PARTS = ["bin", "dist", "package.json"];

/** Makes packages with one bug in each, beside a sound one: only what a bug changes is read anew. */
export class PlantedPackages {
  readonly #soundPackage: string;
  readonly #folder: string;
  #planted: { file: string; contents: string } | null = null;
  #context: Promise<BuildContext<{ write: false }>> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  /** `folder`: for all of them; whoever makes it removes it. */
  constructor({ soundPackage, folder }: { soundPackage: string; folder: string }) {
    this.#soundPackage = soundPackage;
    this.#folder = folder;
  }

  /** One at a time, as what is built is built from one set of files. */
  make(bug: string): Promise<string> {
    const made = this.#last.then(() => this.#make(bug));
    this.#last = made.catch(() => {});
    return made;
  }

  async dispose(): Promise<void> {
    await (await this.#context)?.dispose();
  }

  async #make(name: string): Promise<string> {
    const bug = findBug(name);
    this.#planted = { file: fileOf(bug), contents: plantIn(bug) };
    this.#context ??= this.#begin();
    const { outputFiles } = await (await this.#context).rebuild();
    const folder = join(this.#folder, name.replaceAll(/\W/g, "-"));
    for (const part of PARTS)
      cpSync(join(this.#soundPackage, part), join(folder, part), { recursive: true, preserveTimestamps: true });
    for (const { path, contents } of outputFiles) {
      const file = join(folder, "dist", relative(this.#folder, path));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, contents);
    }
    return folder;
  }

  #begin(): Promise<BuildContext<{ write: false }>> {
    const plant = {
      name: "planted-bug",
      setup: ({ onLoad }: Pick<PluginBuild, "onLoad">) => {
        onLoad({ filter: /\.ts$/ }, ({ path }) =>
          path === this.#planted?.file ? { contents: this.#planted.contents, loader: "ts" } : null,
        );
      },
    };
    return context({ ...describeBundle(this.#folder), sourcemap: false, write: false, plugins: [plant] });
  }
}
