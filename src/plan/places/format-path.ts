/** Formats a path as the catalog has it: below the project, relative to that. */
export function formatPath(path: string, project: string): string {
  return path.startsWith(`${project}/`) ? path.slice(project.length + 1) : path;
}
