import { type ChildProcess, spawn } from "node:child_process";

/** A whole command to be timed, as a user would give it. */
export interface TimedCommand {
  readonly name: string;
  /** Called before each timing, and not timed itself: makes what the command finds, in a folder that is new each time. */
  launch(): Launch;
}

export interface Launch {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
}

const KEPT_CHARACTERS = 2_000;

/** The same command each time. */
export function repeat(name: string, launch: Launch): TimedCommand {
  return { name, launch: () => launch };
}

/**
 * Times commands in turn, all of them once and then all of them again, so that a machine that grows slower
 * meanwhile does so for each of them. The order is reversed every other time.
 *
 * @returns milliseconds by name, one for each iteration
 * @throws if one of them fails, with the end of what it printed
 */
export async function timeCommands(
  commands: readonly TimedCommand[],
  iterations: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>(commands.map(({ name }) => [name, []]));
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const order = iteration % 2 === 0 ? commands : commands.toReversed();
    for (const command of order) times.get(command.name)?.push(await timeCommand(command));
  }
  return times;
}

/** Times commands as `timeCommands` does, and gives their medians. */
export async function medianTimes(
  commands: readonly TimedCommand[],
  iterations: number,
): Promise<(name: string) => number> {
  const times = await timeCommands(commands, iterations);
  return (name) => median(times.get(name) ?? []);
}

/** Runs a command once, from its start until it has ended, in milliseconds. */
export async function timeCommand(command: TimedCommand): Promise<number> {
  const launch = command.launch();
  const startedAt = performance.now();
  await runCommand(command.name, launch);
  return performance.now() - startedAt;
}

/** Runs a command to its end. `watch` gets its process before anything of it has been read. Rejects if it fails. */
export function runCommand(name: string, { argv, cwd }: Launch, watch?: (child: ChildProcess) => void): Promise<void> {
  const [command, ...args] = argv;
  return new Promise((resolve, reject) => {
    let output = "";
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"], env: benchEnvironment() });
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEPT_CHARACTERS);
    };
    watch?.(child);
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => reject(new Error(`${name}: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${name} ended with ${signal ?? `exit code ${code}`}: ${argv.join(" ")}\n${output}`));
    });
  });
}

/** The middle of the values; of an even number of them, the mean of the middle two. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** What the commands, and workers that a benchmark starts itself, find in their environment. */
export function benchEnvironment(): NodeJS.ProcessEnv {
  const { RUNWEAVE_REGISTRY: _elsewhere, KEDRO_ENV: _env, ...rest } = process.env;
  return { ...rest, KEDRO_DISABLE_TELEMETRY: "1", DO_NOT_TRACK: "1" };
}
