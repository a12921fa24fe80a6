/** The version of all that is printed for scripts. It changes when a key is taken away, or gets another meaning; new keys are no change. */
export const SCHEMA_VERSION = 1;

/** Gives the first of several lines of JSON the version that holds for all of them. */
export function stampFirst(): <T extends object>(line: T) => T | ({ schema_version: number } & T) {
  let isFirst = true;
  return (line) => {
    if (!isFirst) return line;
    isFirst = false;
    return { schema_version: SCHEMA_VERSION, ...line };
  };
}
