import { statSync } from "node:fs";
import { accept, type Checked } from "../../core/error/problem.ts";
import type { ProbeRequest } from "../../core/project-facts.ts";
import type { ProcessIdentity } from "../../processes/identity.ts";
import { describeOwnProcess } from "../../processes/own-process.ts";
import { KeptAnswers, type KeptQuestion } from "../answers/kept-answers.ts";
import { Surroundings } from "../answers/surroundings.ts";
import type { ToldReads } from "../answers/told-reads.ts";
import type { ToldAnswer } from "./look-at-data.ts";
import type { ProbeReply } from "./probe.ts";
import { isToldAnswer } from "./workers/control-messages.ts";
import type { WorkerProject } from "./workers/spawn-worker.ts";

/** Options for keeping answers of projects. */
export interface AnswerOptions {
  folder: string;
  /** True if projects are asked all the same. */
  asksAnew?: boolean;
}

/** A worker that waits for a session, as it was when it began to. */
export interface VouchedWorker {
  worker: ProcessIdentity;
  /** Fingerprint of its project's sources. */
  sources: string;
  /** Path by which it is reached. */
  socket: string;
}

interface Asking {
  question: ProbeRequest;
  ask(): Promise<Checked<ProbeReply>>;
}

/** The path may be a script that looks for a Python, whose own reads are unknown. */
function startsPython({ python }: WorkerProject, reads: ToldReads): boolean {
  return reads.rows.some(([, path]) => path === python);
}

/** Former answers of projects, as long as they still hold; else present ones. */
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
    if (startsPython(project, reads)) this.#kept?.keep({ surroundings, question }, { answer, reads });
    return { ...told, value: answer };
  }

  /** Notes the reads of a worker that is to wait for a session; false if a later check of them would be impossible. */
  vouch(project: WorkerProject, waiting: VouchedWorker, reads: ToldReads): boolean {
    if (!startsPython(project, reads)) return false;
    return this.#kept?.keep(this.#askOf(project, waiting), { answer: true, reads }) === true;
  }

  /** Tells whether a worker that is started now would be what this one is: it would read the same, in the same surroundings. */
  async isAsNew(project: WorkerProject, waiting: VouchedWorker): Promise<boolean> {
    return !this.#asksAnew && (await this.#kept?.recall(this.#askOf(project, waiting))) === true;
  }

  #askOf(project: WorkerProject, { worker, sources, socket }: VouchedWorker): KeptQuestion {
    const surroundings = new Surroundings({ project, workerFolder: this.#workerFolder }, this.#environment);
    // The worker stays in the folder that it began in, even if another one stands at that path now.
    const folder = statSync(project.project_path, { throwIfNoEntry: false })?.ino ?? null;
    return { surroundings, question: { worker, sources, socket, folder, process: describeOwnProcess() } };
  }
}
