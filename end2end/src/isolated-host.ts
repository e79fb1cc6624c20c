// An isolated host for a runner: an engine that can be killed, a network that can be disconnected, a
// disk that can be filled. It consists of a network namespace and a file system in memory, so it
// needs root.

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { Disk } from "./disk.ts";
import { Program } from "./program.ts";
import { runnerProgram, stateFolder } from "./runner.ts";

const run = promisify(execFile);

/** Space for an engine, the image of the example and the layers of a release. */
const DISK_MIB = 64;

/** A host of namespaces that the server takes for another computer. */
export class IsolatedHost {
  /** Address of the tests, as seen from this host. */
  readonly address: string;
  readonly #name: string;
  readonly #folder: string;
  readonly #disk: Disk;
  #engine: Program | undefined;
  #runner: Program | undefined;

  private constructor(name: string, address: string, folder: string, disk: Disk) {
    this.#name = name;
    this.address = address;
    this.#folder = folder;
    this.#disk = disk;
  }

  /** True if the tests may create one. */
  static get possible(): boolean {
    return process.getuid?.() === 0;
  }

  /** Creates a host with an engine that has this image. */
  static async boot(image: string): Promise<IsolatedHost> {
    // Of the network that RFC 2544 keeps for tests: 64 × 256 pairs of addresses.
    const pair = Math.floor(Math.random() * 16_384) * 4;
    const address = (n: number) => `198.18.${(pair + n) >> 8}.${(pair + n) & 255}`;
    // Not `berth…`: runners close the host to every device with such a name.
    const name = `remote-${pair.toString(36)}`;
    const folder = await mkdtemp(join(tmpdir(), "berth-host-"));
    const host = new IsolatedHost(name, address(1), folder, await Disk.mount(DISK_MIB));
    try {
      await ip("netns", "add", name);
      await ip("link", "add", name, "type", "veth", "peer", "name", "uplink", "netns", name);
      await ip("addr", "add", `${address(1)}/30`, "dev", name);
      await ip("link", "set", name, "up");
      await ip("-n", name, "addr", "add", `${address(2)}/30`, "dev", "uplink");
      await ip("-n", name, "link", "set", "uplink", "up");
      await ip("-n", name, "link", "set", "lo", "up");
      await host.startEngine();
      await host.#load(image);
      return host;
    } catch (error) {
      await host.remove();
      throw error;
    }
  }

  /** Starts the Docker Engine, as a supervisor of the host would. */
  async startEngine(): Promise<void> {
    this.#engine = this.#inside("dockerd", [
      `--host=unix://${this.#socket}`,
      `--data-root=${this.#disk.folder}`,
      `--exec-root=${join(this.#folder, "exec")}`,
      `--pidfile=${join(this.#folder, "dockerd.pid")}`,
    ]);
    await this.#engine.prints(/API listen on/);
  }

  /** Kills the engine; its containers keep running. */
  async killEngine(): Promise<void> {
    await this.#engine?.kill();
    // The next engine must not mistake the process id for its own.
    await rm(join(this.#folder, "dockerd.pid"), { force: true });
  }

  /** Starts a runner that reaches the server at this port of the tests. */
  startRunner(token: string, port: number): void {
    const program = runnerProgram("berth-runner-docker");
    const args = ["--server", `http://${this.address}:${port}`, "--state-dir", stateFolder(token)];
    this.#runner = this.#inside(program, args, {
      BERTH_RUNNER_TOKEN: token,
      BERTH_RUNNER_DOCKER_SOCKET: this.#socket,
    });
  }

  /** Everything that the runner printed. */
  get runnersLog(): string {
    return this.#runner?.output ?? "";
  }

  /** Drops all packets without closing connections. */
  async unplug(): Promise<void> {
    await ip("link", "set", this.#name, "down");
  }

  /** Reconnects the network. */
  async plug(): Promise<void> {
    await ip("link", "set", this.#name, "up");
  }

  /** Fills the disk of the engine. */
  async fillDisk(): Promise<void> {
    await this.#disk.fill();
  }

  /** Frees the disk again. */
  async freeDisk(): Promise<void> {
    await this.#disk.free();
  }

  /** Running containers, each with its start time. */
  async running(): Promise<string[]> {
    for (;;) {
      const ids = (await this.docker("ps", "--quiet", "--no-trunc")).split("\n").filter(Boolean);
      if (ids.length === 0) return [];
      const format = "{{.Id}} {{.State.StartedAt}}";
      try {
        return (await this.docker("inspect", "--format", format, ...ids)).trim().split("\n");
      } catch (error) {
        // A container removed since the list was made: only a new list is of one moment.
        if (!String(error).includes("No such object")) throw error;
      }
    }
  }

  /** Response of an app at an address of this host. */
  async get(address: string): Promise<string> {
    const ask = "fetch(process.argv[1]).then((answer) => answer.text()).then(console.log)";
    const program = [process.execPath, "--eval", ask, address];
    return (await run("nsenter", [`--net=/run/netns/${this.#name}`, ...program])).stdout;
  }

  /** Calls the host's engine. */
  async docker(...args: string[]): Promise<string> {
    return (await run("docker", ["--host", `unix://${this.#socket}`, ...args])).stdout;
  }

  /** Stops and removes the host. */
  async remove(): Promise<void> {
    await this.#runner?.kill();
    await this.freeDisk();
    const left = await this.docker("ps", "--all", "--quiet").catch(() => "");
    const ids = left.split("\n").filter(Boolean);
    if (ids.length > 0) await this.docker("rm", "--force", "--volumes", ...ids);
    await this.#engine?.stop(15_000);
    await ip("netns", "delete", this.#name).catch(() => undefined);
    await this.#disk.remove();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #socket(): string {
    return join(this.#folder, "docker.sock");
  }

  async #load(image: string): Promise<void> {
    const archive = join(this.#folder, "image.tar");
    await run("docker", ["save", "--output", archive, image]);
    await this.docker("load", "--input", archive);
    await rm(archive);
  }

  #inside(program: string, args: string[], environment: Record<string, string> = {}): Program {
    return new Program(
      "nsenter",
      [`--net=/run/netns/${this.#name}`, program, ...args],
      environment,
    );
  }
}

async function ip(...args: string[]): Promise<void> {
  await run("ip", args);
}
