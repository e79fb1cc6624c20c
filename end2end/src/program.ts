// A program that a test runs: started without a shell, ended by its own id.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A running program with everything that it printed. */
export class Program {
  readonly #child: ChildProcess;
  readonly #name: string;
  #output = "";
  #waiting = new Set<() => void>();
  #ended = false;

  /** Starts the program; it inherits only PATH from this process. */
  constructor(command: string, args: string[], environment: Record<string, string> = {}) {
    this.#name = command;
    this.#child = spawn(command, args, {
      env: { PATH: process.env.PATH ?? "", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#wake();
      });
    }
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    this.#child.on("close", end).on("error", (error) => {
      this.#output += `${error.message}\n`;
      end();
    });
  }

  /** Output so far, of both streams. */
  get output(): string {
    return this.#output;
  }

  /** Waits until the output matches. */
  async prints(pattern: RegExp, withinMs = 20_000): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(withinMs);
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match) return match;
      if (this.#ended || deadline.aborted) {
        const why = this.#ended ? "ended before it printed" : "did not print in time";
        throw new Error(`${this.#name} ${why} ${pattern}:\n${this.#output}`);
      }
      await this.#change(deadline);
    }
  }

  /** Kills the program. */
  async kill(): Promise<void> {
    if (this.#ended) return;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }

  /** Asks the program to end; false if it had to be killed. */
  async stop(withinMs: number): Promise<boolean> {
    if (this.#ended) return true;
    const closed = once(this.#child, "close", { signal: AbortSignal.timeout(withinMs) });
    this.#child.kill("SIGTERM");
    const stopped = await closed.then(
      () => true,
      () => false,
    );
    await this.kill();
    return stopped;
  }

  #change(deadline: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        deadline.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      deadline.addEventListener("abort", wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
