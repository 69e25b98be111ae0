/**
 * Loaded before a program (`node --import`): counts every step by which it changes something outside of itself, and at one of
 * them does what the plan says. The program knows nothing of it.
 */
import childProcess, { type ChildProcess } from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { FaultKind, StepKind } from "./faults.ts";

type Call = (...args: unknown[]) => unknown;

const plan = { step: Number(process.env["FIRE_STEP"] ?? 0), kind: process.env["FIRE_FAULT"] as FaultKind | undefined };
const logFile = process.env["FIRE_LOG"];
const exists = fs.existsSync.bind(fs);
const append = fs.appendFileSync.bind(fs);

let count = 0;
/** Set by a fault that lasts: a full disk stays full, a read-only file system read-only. */
let lasting: "ENOSPC" | "EROFS" | undefined;
/** A step that is made of others counts once. */
let inside = 0;

/** In a group of its own, so that its git processes go with it, as in a crash of the machine. */
function die(): never {
  process.kill(-process.pid, "SIGKILL");
  throw new Error("killed");
}

function failure(code: string, syscall: string, path: unknown): Error {
  const said: Readonly<Record<string, string>> = {
    ENOSPC: "no space left on device",
    EROFS: "read-only file system",
    EACCES: "permission denied",
    EIO: "i/o error",
    EAGAIN: "resource temporarily unavailable",
  };
  const where = typeof path === "string" ? ` '${path}'` : "";
  return Object.assign(new Error(`${code}: ${said[code] ?? "failed"}, ${syscall}${where}`), { code, syscall, path });
}

/** Whether the plan's step is this one. */
function isDue(kind: StepKind, label: string): boolean {
  count++;
  if (logFile !== undefined) {
    // It is made of steps itself.
    inside++;
    append(logFile, `${kind} ${label}\n`);
    inside--;
  }
  return count === plan.step;
}

/** Time itself, from this step on. */
function jump(milliseconds: number): void {
  const RealDate = Date;
  const shifted = class extends RealDate {
    constructor(...args: unknown[]) {
      if (args.length === 0) super(RealDate.now() + milliseconds);
      else super(...(args as [number]));
    }
    static override now(): number {
      return RealDate.now() + milliseconds;
    }
  };
  Reflect.set(globalThis, "Date", shifted);
}

const HOUR = 60 * 60_000;
/** As a machine starts whose clock has no battery. */
const YEARS = 20 * 365 * 24 * HOUR;

/** What a due fault does before the step; returns the error that the step fails with, if it does. */
function before(kind: StepKind, name: string, path: unknown): Error | undefined {
  if (isDue(kind, `${name} ${typeof path === "string" ? path : ""}`)) {
    if (plan.kind === "kill") die();
    if (plan.kind === "clock-forward") jump(6 * HOUR);
    if (plan.kind === "clock-back") jump(-YEARS);
    if (plan.kind === "EACCES" || plan.kind === "EIO") return failure(plan.kind, name, path);
    if (plan.kind === "ENOSPC" || plan.kind === "EROFS") lasting = plan.kind;
  }
  if (lasting === "EROFS" && kind !== "spawn" && kind !== "line") return failure("EROFS", name, path);
  if (lasting === "ENOSPC" && (kind === "write" || kind === "make")) return failure("ENOSPC", name, path);
  return undefined;
}

function isDueNow(kind: FaultKind): boolean {
  return count === plan.step && plan.kind === kind;
}

function half(data: unknown): unknown {
  if (typeof data === "string") return data.slice(0, data.length >> 1);
  return data instanceof Uint8Array ? data.subarray(0, data.length >> 1) : data;
}

function replace(owner: object, name: string, make: (original: Call) => Call): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original === "function") Reflect.set(owner, name, make((original as Call).bind(owner)));
}

const opensToWrite = (flags: unknown): boolean =>
  typeof flags === "string" ? /[wa+x]/.test(flags) : typeof flags === "number" && (flags & 3) !== 0;

function changesNothing(name: string, [path, how]: unknown[]): boolean {
  if (name === "open") return !opensToWrite(how);
  // A folder that is there is found before the disk is asked.
  return name === "mkdir" && typeof path === "string" && exists(path);
}

const STEPS: Readonly<Record<string, StepKind>> = {
  open: "make",
  write: "write",
  writeFile: "write",
  appendFile: "write",
  copyFile: "make",
  mkdir: "make",
  link: "make",
  symlink: "make",
  rename: "change",
  unlink: "change",
  rm: "change",
  rmdir: "change",
  utimes: "change",
  truncate: "change",
  chmod: "change",
};

for (const [name, kind] of Object.entries(STEPS)) {
  replace(fs, `${name}Sync`, (original) => (...args) => {
    if (inside > 0 || changesNothing(name, args)) return original(...args);
    const error = before(kind, name, args[0]);
    if (error !== undefined) throw error;
    inside++;
    try {
      if (kind === "write" && isDueNow("torn")) {
        original(args[0], half(args[1]), ...args.slice(2));
        die();
      }
      if (kind === "write" && isDueNow("short")) {
        lasting = "ENOSPC";
        const wrote = original(args[0], half(args[1]), ...args.slice(2));
        // A write to an open file says how much it wrote; the others go on until the disk says no.
        if (name !== "write") throw failure("ENOSPC", name, args[0]);
        return wrote;
      }
      const result = original(...args);
      if (isDueNow("kill-after")) die();
      return result;
    } finally {
      inside--;
    }
  });
  replace(fs.promises, name, (original) => async (...args) => {
    if (changesNothing(name, args)) return original(...args);
    const error = before(kind, name, args[0]);
    if (error !== undefined) throw error;
    const [torn, short, killed] = [isDueNow("torn"), isDueNow("short"), isDueNow("kill-after")];
    if (kind === "write" && (torn || short)) {
      await original(args[0], half(args[1]), ...args.slice(2));
      if (torn) die();
      lasting = "ENOSPC";
      throw failure("ENOSPC", name, args[0]);
    }
    const result = await original(...args);
    if (killed) die();
    if (name === "open") watchHandle(result as object, args[0]);
    return result;
  });
}

/** What is written through an open file counts as what is written to a path. */
function watchHandle(handle: object, path: unknown): void {
  for (const name of ["write", "writeFile", "appendFile"]) {
    replace(handle, name, (original) => async (...args) => {
      if (inside > 0) return original(...args);
      const error = before("write", name, path);
      if (error !== undefined) throw error;
      const [torn, short] = [isDueNow("torn"), isDueNow("short")];
      if (!torn && !short) return original(...args);
      await original(half(args[0]), ...args.slice(1));
      if (torn) die();
      lasting = "ENOSPC";
      throw failure("ENOSPC", name, path);
    });
  }
}

replace(childProcess, "spawn", (original) => (command, args, options) => {
  const words = Array.isArray(args) ? args.map(String) : [];
  const verb = words.find((word, i) => !word.startsWith("-") && words[i - 1] !== "-c") ?? "";
  const label = `git ${verb}`;
  const error = before("spawn", label, undefined);
  const refused = error !== undefined || isDueNow("no-process");
  const killed = isDueNow("kill-after");
  const [orphaned, late] = [isDueNow("git-dies"), isDueNow("kill-late")];
  // A command that isn't there fails as any spawn does that the system refuses.
  const child = original(refused ? "/nonexistent/git" : command, args, options) as ChildProcess;
  if (killed) die();
  if (orphaned) child.kill("SIGKILL");
  if (late) setTimeout(die, Number(process.env["FIRE_DELAY"] ?? 1));
  if (child.stdin !== null) watchLines(child, label);
  return child;
});

/** What goes to a process that stays counts line by line; how a process is fed that is run once, its spawn counts for. */
function watchLines(child: ChildProcess, label: string): void {
  if (child.stdin === null) return;
  replace(child.stdin, "write", (original) => (...args) => {
    const error = before("line", `to ${label}`, undefined);
    if (error !== undefined) child.kill("SIGKILL");
    const result = original(...args);
    if (isDueNow("kill-after")) die();
    if (isDueNow("kill-late")) setTimeout(die, Number(process.env["FIRE_DELAY"] ?? 1));
    if (isDueNow("git-dies")) setTimeout(() => child.kill("SIGKILL"), Number(process.env["FIRE_DELAY"] ?? 0));
    return result;
  });
}

syncBuiltinESMExports();
