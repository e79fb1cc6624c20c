// The Docker Engine as somebody on the runner's machine sees it.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { Program } from "./program.ts";

const run = promisify(execFile);

/** What all containers of a runner, and no others, carry. */
const label = (runner: string) => `label=dev.berth.runner=${runner}`;

async function docker(...args: string[]): Promise<string> {
  return (await run("docker", args)).stdout;
}

/** The ids of the containers of a runner that are there, running or not. */
export async function containers(runner: string): Promise<string[]> {
  const ids = await docker("ps", "--all", "--quiet", "--filter", label(runner));
  return ids.split("\n").filter(Boolean);
}

/** Ends a container behind Berth's back. */
export async function killContainer(id: string): Promise<void> {
  await docker("kill", id);
}

/** Removes every container of a runner that is gone itself. */
export async function removeContainers(runner: string): Promise<void> {
  const ids = await containers(runner);
  if (ids.length > 0) await docker("rm", "--force", "--volumes", ...ids);
}

/** Resolves when the next container of a runner is created. */
export async function nextContainer(runner: string): Promise<void> {
  const filters = [label(runner), "type=container", "event=create"];
  const since = (Date.now() / 1000).toFixed(3);
  const events = new Program("docker", [
    "events",
    // Or the event could come before the program listens.
    `--since=${since}`,
    ...filters.flatMap((filter) => ["--filter", filter]),
  ]);
  try {
    await events.prints(/create/, 60_000);
  } finally {
    await events.kill();
  }
}
