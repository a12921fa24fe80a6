import { accept, type Checked } from "../../../core/error/problem.ts";
import type { ProbeRequest } from "../../../core/project-facts.ts";
import type { ToldAnswer } from "../look-at-data.ts";
import type { ProbeReply } from "../probe.ts";
import { isToldAnswer } from "../workers/control-messages.ts";
import type { WorkerProject } from "../workers/spawn-worker.ts";
import { KeptAnswers } from "./kept-answers.ts";
import { Surroundings } from "./surroundings.ts";

/** How answers of projects are kept. */
export interface AnswerOptions {
  folder: string;
  /** Whether projects are asked all the same. */
  asksAnew?: boolean;
}

interface Asking {
  question: ProbeRequest;
  ask(): Promise<Checked<ProbeReply>>;
}

/** What projects answered before, as long as it is still so; else what they answer now. */
export class ProjectAnswers {
  readonly #kept: KeptAnswers | null;
  readonly #asksAnew: boolean;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #workerFolder: string;

  constructor(options: AnswerOptions | undefined, worker: { environment: NodeJS.ProcessEnv; workerFolder: string }) {
    this.#kept = options === undefined ? null : new KeptAnswers(options.folder);
    this.#asksAnew = options?.asksAnew === true;
    this.#environment = worker.environment;
    this.#workerFolder = worker.workerFolder;
  }

  async find(project: WorkerProject, { question, ask }: Asking): Promise<Checked<ToldAnswer>> {
    const surroundings = new Surroundings({ project, workerFolder: this.#workerFolder }, this.#environment);
    const known = this.#asksAnew ? undefined : await this.#kept?.recall({ surroundings, question });
    if (isToldAnswer(known)) return accept(known);
    const told = await ask();
    if (!told.ok) return told;
    const { answer, reads } = told.value;
    // What stands at the path may be a script that looks for a Python: of that nobody has seen what it reads.
    const isPython = reads.rows.some(([, path]) => path === project.python);
    if (isPython) this.#kept?.keep({ surroundings, question }, { answer, reads });
    return { ...told, value: answer };
  }
}
