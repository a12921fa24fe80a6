/** A task, definition or spec as a file of the state folder or a lock file has it. */
type Described = Readonly<Record<string, unknown>>;

/**
 * Reads a description of a run, in which an older runweave has a module as a command without words. Any other value is returned
 * as it is.
 */
export function readOlderModule<T>(described: T): T {
  const { kind, module, argv: _, shell: __, ...rest } = (described ?? {}) as Described;
  return kind === "command" && module != null ? ({ ...rest, kind: "module", module } as T) : described;
}
