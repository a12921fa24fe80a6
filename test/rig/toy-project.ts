import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface ToyProjectParts {
  /** The project's folder; made if need be. */
  folder: string;
  /** Body of `pipeline_registry.py`; `Pipeline` and `node` are imported. */
  pipelines: string;
  /** YAML. */
  catalog?: string;
  parameters?: string;
  settings?: string;
  /** Further files, by path in the project. */
  files?: Record<string, string>;
}

const PYPROJECT = `[tool.kedro]
package_name = "toy"
project_name = "toy"
kedro_init_version = "1.4.0"
source_dir = "src"
`;

/** Writes a Kedro project of the test's own, as small as Kedro allows. Returns its folder. */
export function writeToyProject({ folder, pipelines, catalog = "", ...more }: ToyProjectParts): string {
  writeFiles(folder, {
    "pyproject.toml": PYPROJECT,
    "src/toy/__init__.py": "",
    "src/toy/settings.py": more.settings ?? "",
    "src/toy/pipeline_registry.py": `from kedro.pipeline import Pipeline, node\n${pipelines}`,
    "conf/base/catalog.yml": catalog,
    "conf/base/parameters.yml": more.parameters ?? "",
    "conf/local/.gitkeep": "",
    ...more.files,
  });
  return folder;
}

/** Writes files by their paths in a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
