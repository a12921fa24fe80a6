import { stripTypeScriptTypes } from "node:module";

/** Imports of a module, as its text has them, and imports that can't be known, each as the end of a clause. */
export interface ModuleImports {
  specifiers: string[];
  unknown: string[];
}

const TYPESCRIPT = /\.[cm]?ts$/;

/** Reads the imports of a module's text, without its types. Throws what is wrong with its syntax. */
export async function listImports(text: string, path: string): Promise<ModuleImports> {
  // The lexer is imported when it is needed: it compiles WebAssembly while it is loaded, and most plans have no module.
  const { init, parse } = await import("es-module-lexer");
  await init();
  const script = TYPESCRIPT.test(path) ? stripTypes(text) : text;
  const [imports, , , isModule] = parse(script, path);
  const isComputed = imports.some((each) => each.type === "dynamic" && (each.specifier === undefined || each.glob));
  const unknown = isComputed ? ["imports by a name that is computed"] : [];
  if (loadsByRequire(script, isModule)) unknown.push("loads by `require`, which is not followed");
  const written = imports.flatMap((each) => (each.type === "dynamic" && each.glob ? [] : (each.specifier ?? [])));
  return { specifiers: [...new Set(written)], unknown };
}

/** The word in a comment counts too: the result is not reused, which is safe. */
function loadsByRequire(script: string, isModule: boolean): boolean {
  return isModule ? /\bcreateRequire\b|\brequire\s*\(/.test(script) : /\brequire\b/.test(script);
}

/** Node says once per process that this is experimental, and a plan is not the place to hear it. */
function stripTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
