/** Who may import whom. The table stands in docs/architecture.md; a new arrow is a change of design. */
const MAY_IMPORT = {
  core: [],
  define: ["core"],
  versions: ["core"],
  processes: ["core"],
  pipeline: ["core"],
  record: ["core"],
  plan: ["core", "define"],
  resolve: ["core", "plan"],
  execute: ["core", "plan", "resolve"],
  explain: ["core", "plan", "resolve"],
  report: ["core", "plan"],
  runners: ["core", "pipeline", "versions", "processes"],
  hosts: ["core", "plan", "resolve", "execute", "versions", "processes"],
  compose: [
    "core",
    "define",
    "plan",
    "resolve",
    "execute",
    "versions",
    "processes",
    "pipeline",
    "runners",
    "record",
    "explain",
    "report",
    "hosts",
  ],
};

const arrows = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports-only-${allowed.join("-") || "nothing"}`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...allowed].join("|")})/` },
}));

module.exports = {
  forbidden: [
    ...arrows,
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "pure-parts-do-no-io",
      severity: "error",
      from: { path: "^src/(core|plan|resolve)/|^src/execute/(run-machine|next-runs|admission)\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "graphlib-only-in-graph",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/plan/graph\\.ts$" },
      to: { path: "node_modules/@dagrejs/graphlib" },
    },
    {
      name: "sqlite-only-in-record",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(record|cli)/" },
      to: { path: "^node:sqlite$|^sqlite$" },
    },
    {
      name: "the-command-line-opens-nothing",
      severity: "error",
      comment: "It calls actions of compose/actions, as scripts do.",
      from: { path: "^src/cli/" },
      to: {
        path: "^src/(record|execute|runners|hosts)/|^src/compose/(freeze|heal|lock|prepare|reproduce|reuse|resume|session|workspace)",
        pathNot: "^src/compose/session/session-result\\.ts$",
      },
    },
    {
      name: "kinds-stay-behind-their-ports",
      severity: "error",
      comment: "src/runners/index.ts and task-kinds.ts have a row for each kind; the ports are in src/core/port/.",
      from: { path: "^src/(compose|cli|index\\.ts)" },
      to: { path: "^src/runners/(kedro|command|module)/" },
    },
    {
      name: "rooms-of-runners-go-one-way",
      severity: "error",
      from: {
        path: "^src/runners/(answers|interpreters|[^/]+\\.ts$)",
        pathNot: "^src/runners/(index|task-kinds|recovery)\\.ts$",
      },
      to: { path: "^src/runners/(kedro|command|module)/" },
    },
    {
      name: "nothing-imports-the-command-line",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^src/cli/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
