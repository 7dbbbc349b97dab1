/** What one program in a sandbox may use; time and output are limits of its run. */
export type SandboxLimits = {
  /** Written memory of one process. */
  readonly memoryBytes: number;
  /** Processor seconds of one process. */
  readonly processorSeconds: number;
  readonly fileBytes: number;
  /** All that it keeps in its writable folders, looked at once a second. */
  readonly diskBytes: number;
  /** Threads count as processes. */
  readonly processes: number;
  readonly openFiles: number;
};

/**
 * Helm takes 170 MB for a chart whose output is 20 MB, and a Go program starts one thread per core and one per blocked
 * system call. Written memory is limited, not address space: Go reserves 1.2 GB that it never touches.
 */
export const defaultSandboxLimits: SandboxLimits = {
  memoryBytes: 1024 * 1024 * 1024,
  processorSeconds: 180,
  fileBytes: 512 * 1024 * 1024,
  diskBytes: 1024 * 1024 * 1024,
  processes: 512,
  openFiles: 1024,
};

/** Limits as arguments of prlimit; `countsProcesses` says whether processes of others stay out of the count. */
export function limitArguments(limits: SandboxLimits, countsProcesses: boolean): string[] {
  return [
    `--data=${limits.memoryBytes}`,
    `--cpu=${limits.processorSeconds}`,
    `--fsize=${limits.fileBytes}`,
    `--nofile=${limits.openFiles}`,
    '--core=0',
    ...(countsProcesses ? [`--nproc=${limits.processes}`] : []),
  ];
}
