// The Docker Engine of a runner's host, used directly.

import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { Program } from "./program.ts";

const run = promisify(execFile);

/** The label filter for all containers of a runner. */
const label = (runner: string) => `label=dev.berth.runner=${runner}`;

async function docker(...args: string[]): Promise<string> {
  return (await run("docker", args)).stdout;
}

/** The ids of a runner's containers, running or not. */
export async function containers(runner: string): Promise<string[]> {
  const ids = await docker("ps", "--all", "--quiet", "--filter", label(runner));
  return ids.split("\n").filter(Boolean);
}

/** Kills a container behind Berth's back. */
export async function killContainer(id: string): Promise<void> {
  await docker("kill", id);
}

/** Removes every container of a runner that no longer exists. */
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

/** Removes a volume behind Berth's back. */
export async function removeVolume(id: string): Promise<void> {
  await docker("volume", "rm", `berth-${id}`);
}

/** Imports an image with a shell, a web server on port 8080 and a volume at `/data`. */
export async function importShell(): Promise<string> {
  const image = "localhost/berth/shell:latest";
  const folder = await mkdtemp(join(tmpdir(), "berth-image-"));
  try {
    const root = join(folder, "root");
    await mkdir(join(root, "bin"), { recursive: true });
    await copyFile("/bin/busybox", join(root, "bin/busybox"));
    await symlink("busybox", join(root, "bin/sh"));
    const archive = join(folder, "image.tar");
    await run("tar", ["--create", "--file", archive, "--directory", root, "."]);
    const changes = ['CMD ["/bin/busybox", "httpd", "-f", "-p", "8080"]', "VOLUME /data"];
    const flags = changes.flatMap((change) => ["--change", change]);
    await docker("import", ...flags, archive, image);
  } finally {
    await rm(folder, { recursive: true });
  }
  return image;
}
