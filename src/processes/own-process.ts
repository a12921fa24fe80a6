import { getPriority } from "node:os";
import { readProcLink, readProcText } from "./read-proc.ts";

/** Lines of /proc/self/status that a child inherits and that change what it can do. */
const INHERITED = /^(Umask|Uid|Gid|Groups|Cap[A-Z][a-z]+|NoNewPrivs|Seccomp|Cpus_allowed|Mems_allowed):.*$/gm;
const NAMESPACES = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];

/** What the children of this process inherit besides its variables: rights, limits, priority, groups and namespaces. */
export function describeOwnProcess(): string[] {
  const inherited = readProcText("/proc/self/status")?.match(INHERITED) ?? [];
  const namespaces = NAMESPACES.map((name) => `${name} ${readProcLink(`/proc/self/ns/${name}`) ?? ""}`);
  const files = ["limits", "cgroup", "oom_score_adj"].map((name) => readProcText(`/proc/self/${name}`) ?? "");
  return [...inherited, ...namespaces, ...files, `${process.umask().toString(8)} ${getPriority()}`];
}
