/** Files by their names. */
export type Documents = Readonly<Record<string, string | Buffer>>;

/** A workflow of one run, as YAML. */
export const RUN = "runs: { a: { command: [ls] } }\n";
