// A runner as a separate program, as on another host.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

import { Program } from "./program.ts";

/** Starts a runner by the command that the dashboard shows. */
export function startRunner(command: string): Program {
  const [, token, name, server] =
    /^BERTH_RUNNER_TOKEN=(\S+) \\\n\s+(\S+) --server (\S+)$/.exec(command.trim()) ?? [];
  if (!token || !name || !server) throw new Error(`this is no command for a runner:\n${command}`);
  const args = ["--server", server, "--state-dir", stateFolder(token)];
  return new Program(runnerProgram(name), args, { BERTH_RUNNER_TOKEN: token });
}

/**
 * The folder in which the runner with a token keeps who it is. One for all would be the first runner's
 * for ever: a runner holds to the id that its first server gave it.
 */
export function stateFolder(token: string): string {
  const name = createHash("sha256").update(token).digest("hex").slice(0, 16);
  return join(tmpdir(), `berth-runner-${name}`);
}

/** Returns the token in that command. */
export function tokenOf(command: string): string {
  return /BERTH_RUNNER_TOKEN=(\S+)/.exec(command)?.[1] ?? "";
}

/** Returns the path of a program that was built with the server. */
export function runnerProgram(name: string): string {
  const target = resolve("../target");
  const beside = dirname(resolve(process.env.BERTH_TEST_SERVER ?? `${target}/serve/berthd`));
  const folders = [beside, `${target}/debug`];
  const found = folders.map((folder) => join(folder, name)).find(existsSync);
  if (!found) throw new Error(`there is no program ${name} in ${folders.join(", ")}`);
  return found;
}
