import { rmSync } from "node:fs";
import { type Campaign, withoutBug } from "../trial.ts";
import { copyFolder, resetFolder } from "./copy-folder.ts";
import type { TrialFolder } from "./trial-folder.ts";

/** A folder in which something was done, to be gone back to as often as one likes. */
export interface Stage<Facts> {
  trial: TrialFolder;
  /** What is known of what was done there. */
  facts: Facts;
}

/** More would only wait for each other. */
const MOST = 3;

/**
 * Stages that were all prepared alike: as what is recorded are whole paths, each trial needs one for itself, and those that wait need not hold up
 * others.
 */
export class StagePool<Facts> {
  readonly most = MOST;
  readonly #prepare: (campaign: Campaign) => Promise<Stage<Facts>>;
  readonly #free = new Map<string, Stage<Facts>[]>();

  constructor(prepare: (campaign: Campaign) => Promise<Stage<Facts>>) {
    this.#prepare = prepare;
  }

  /** Does something on a stage that is as it was prepared. */
  async use<T>(campaign: Campaign, work: (stage: Stage<Facts>) => Promise<T>): Promise<T> {
    const free = this.#free.get(campaign.folder) ?? [];
    this.#free.set(campaign.folder, free);
    const stage = free.pop() ?? (await this.#make(withoutBug(campaign)));
    const { folder, state, points } = stage.trial;
    await resetFolder(folder, copyOf(folder), [state]);
    rmSync(points, { force: true });
    try {
      return await work(stage);
    } finally {
      free.push(stage);
    }
  }

  async #make(campaign: Campaign): Promise<Stage<Facts>> {
    const stage = await this.#prepare(campaign);
    await copyFolder(stage.trial.folder, copyOf(stage.trial.folder));
    return stage;
  }
}

function copyOf(folder: string): string {
  return `${folder}.copy`;
}
