import { createRequire } from "node:module";
import { tellUnsupported } from "./tell-unsupported.js";

const unsupported = tellUnsupported();
if (unsupported !== null) throw new Error(unsupported);
// A static import of the library would fail before the check, with words that help nobody.
export const {
  AmbiguousIdError,
  defineModule,
  defineWorkflow,
  EnvironmentError,
  ExplainError,
  MultirunError,
  openRegistry,
  openSession,
  planWorkflow,
  RegistryError,
  RunFailedError,
  runWorkflow,
  WorkflowError,
} = createRequire(import.meta.url)("../dist/index.js");
