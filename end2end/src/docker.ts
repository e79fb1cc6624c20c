// The Docker Engine as somebody on the runner's machine sees it.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { Program } from "./program.ts";

const run = promisify(execFile);

/** What the containers of one runner, or of one deployment, are told apart by. */
export type Owner = { runner: string } | { deployment: string };

const label = (owner: Owner) =>
  "runner" in owner
    ? `label=dev.berth.runner=${owner.runner}`
    : `label=dev.berth.deployment=${owner.deployment}`;

async function docker(...args: string[]): Promise<string> {
  return (await run("docker", args)).stdout;
}

/** The ids of the containers that are there, running or not. */
export async function containers(owner: Owner): Promise<string[]> {
  const ids = await docker("ps", "--all", "--quiet", "--filter", label(owner));
  return ids.split("\n").filter(Boolean);
}

/** Ends a container behind Berth's back. */
export async function killContainer(id: string): Promise<void> {
  await docker("kill", id);
}

/** Removes every container of a runner that is gone itself. */
export async function removeContainers(runner: string): Promise<void> {
  const ids = await containers({ runner });
  if (ids.length > 0) await docker("rm", "--force", "--volumes", ...ids);
}

/** Watches a runner's containers; resolves when the next one is created. */
export function nextContainer(runner: string): { created: Promise<void> } {
  const filters = [label({ runner }), "type=container", "event=create"];
  const events = new Program("docker", [
    "events",
    ...filters.flatMap((filter) => ["--filter", filter]),
  ]);
  const created = events.prints(/create/, 60_000).then(() => events.end("SIGKILL"));
  return { created };
}
