import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import type { StateLocation } from "../locate-state.ts";
import type { Finding } from "./finding.ts";

/** A state folder and its registry, which is open for questions. */
export interface StatePlace {
  state: StateLocation;
  registry: RegistryReader & Pick<Registry, "holds">;
  nowMs: number;
}

/** Looks for one kind of broken state: quickly, however large the folder is. No findings if all is well. */
export type StateCheck = (place: StatePlace) => Finding[];
