import { openState, openWorkspace, type Workspace, type WorkspaceOptions } from "../compose/workspace.ts";
import { outliveReader } from "./outlives-reader.ts";
import { writeWarnings } from "./write-warnings.ts";

/** Opens what sessions are executed with, and says what is to be known of the state folder. */
export function openActing(options: WorkspaceOptions, state = openState(options)): Workspace {
  outliveReader();
  const workspace = openWorkspace(options, state);
  writeWarnings(workspace.warnings);
  return workspace;
}
