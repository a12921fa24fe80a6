import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type BuildContext, type BuildOptions, context, type Plugin } from "esbuild";
import { describePieces, describeWhole } from "../../../scripts/build.ts";
import { fileOf, findBug, plantIn } from "./plant.ts";

/** What the command line needs; a checkout has more. */
const PARTS = ["bin", "dist", "package.json"];

const WORKER = "runners/kedro/worker/";

/** Makes packages with one bug in each, beside a sound one: only what a bug changes is read anew. */
export class PlantedPackages {
  readonly #soundPackage: string;
  readonly #folder: string;
  #planted: { file: string; contents: string } | null = null;
  #contexts: Promise<BuildContext<{ write: false }>[]> | null = null;
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
    for (const each of (await this.#contexts) ?? []) await each.dispose();
  }

  async #make(name: string): Promise<string> {
    const bug = findBug(name);
    const contents = plantIn(bug);
    this.#planted = { file: fileOf(bug), contents };
    this.#contexts ??= this.#begin();
    const built = await Promise.all((await this.#contexts).map((each) => each.rebuild()));
    const outputFiles = built.flatMap((each) => each.outputFiles);
    const folder = join(this.#folder, name.replaceAll(/\W/g, "-"));
    for (const part of PARTS)
      cpSync(join(this.#soundPackage, part), join(folder, part), { recursive: true, preserveTimestamps: true });
    for (const { path, contents } of outputFiles) {
      const file = join(folder, "dist", relative(this.#folder, path));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, contents);
    }
    // What is Python is copied as it is, and not built.
    if (bug.file.startsWith(WORKER)) writeFileSync(join(folder, "dist/worker", relative(WORKER, bug.file)), contents);
    return folder;
  }

  #begin(): Promise<BuildContext<{ write: false }>[]> {
    const plant: Plugin = {
      name: "planted-bug",
      setup: ({ onLoad }) => {
        onLoad({ filter: /\.ts$/ }, ({ path }) =>
          path === this.#planted?.file ? { contents: this.#planted.contents, loader: "ts" } : null,
        );
      },
    };
    return Promise.all(
      [describePieces(this.#folder), describeWhole(this.#folder)].map((options: BuildOptions) =>
        context({ ...options, sourcemap: false, write: false, plugins: [...(options.plugins ?? []), plant] }),
      ),
    );
  }
}
