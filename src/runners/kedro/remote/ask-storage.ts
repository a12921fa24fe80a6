import type { ObjectsOrder } from "./objects-order.ts";
import type { PlainOrder } from "./plain-order.ts";

/** Orders for a worker about remote storage, by the operation of the protocol. */
export interface StorageOrders {
  publish: PlainOrder;
  objects: ObjectsOrder;
}

/** Asks the worker of a project that has the credentials of a storage. Throws ProjectError, EnvironmentError. */
export type AskStorage = <Operation extends keyof StorageOrders>(
  operation: Operation,
  order: StorageOrders[Operation],
) => Promise<Record<string, unknown>>;
