/** A module that can't be run, or that does not do what it promises; `name` is the type on record. */
export class ModuleError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
