// A server for one test, started as an administrator would.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { type Database, type Kind, freshDatabase } from "./database.ts";
import { removeContainers } from "./docker.ts";
import { freePort } from "./port.ts";
import { Program } from "./program.ts";

/** The program under test. */
const BERTHD = resolve(process.env.BERTH_TEST_SERVER ?? "../target/serve/berthd");

/** Longer than `server.shutdown_grace_ms` twice over: for requests, then for tasks. */
const STOPS_WITHIN_MS = 25_000;
const SET_UP_LINK = /^\s+(http\S+\/setup\?token=(\S+))$/m;

/** `berthd serve` with its own port, data folder and database. */
export class Server {
  /** The URL for people. */
  readonly url: string;
  /** Values that must never be in its log. */
  readonly secrets = new Set<string>();
  readonly #port: number;
  readonly #folder: string;
  readonly #database: Database;
  readonly #programs: Program[] = [];
  #stopped = true;

  private constructor(port: number, publicPort: number, folder: string, database: Database) {
    this.#port = port;
    this.url = `http://localhost:${publicPort}`;
    this.#folder = folder;
    this.#database = database;
  }

  /** Prepares everything that a server needs, without starting it. */
  static async prepare(kind: Kind, publicPort?: number, data?: string): Promise<Server> {
    const port = await freePort();
    const folder = data ?? (await mkdtemp(join(tmpdir(), "berth-browser-")));
    return new Server(port, publicPort ?? port, folder, await freshDatabase(kind));
  }

  /** The port that it listens on; people may reach it through another one. */
  get port(): number {
    return this.#port;
  }

  /** Starts it, also again after it was ended, and waits until it answers. */
  async start(): Promise<void> {
    const often = { BURST: "10000", PER_MINUTE: "100000" };
    const limits = ["ACCOUNT", "CREDENTIALS", "READS", "WRITES"].flatMap((name) =>
      Object.entries(often).map(([key, value]) => [`BERTH__RATE_LIMITS__${name}__${key}`, value]),
    );
    const program = new Program(BERTHD, ["serve", "--data-dir", this.#folder], {
      BERTH__SERVER__ADDRESS: `127.0.0.1:${this.#port}`,
      BERTH__SERVER__PUBLIC_URL: this.url,
      BERTH__METRICS__ADDRESS: "off",
      BERTH__DATABASE__URL: this.#database.url,
      // The least that argon2 takes: what a password costs is not tested here.
      BERTH__PASSWORD__MEMORY_KIB: "8",
      BERTH__PASSWORD__ITERATIONS: "1",
      ...Object.fromEntries(limits),
    });
    this.#programs.push(program);
    await program.prints(/^Berth is at (\S+)$/m);
    await this.#answers();
  }

  /** Kills the server, as a loss of power would. */
  async kill(): Promise<void> {
    await this.#programs.at(-1)?.kill();
  }

  /** Asks the server to end, as an administrator would; not ending is a fault. */
  async stop(): Promise<void> {
    this.#stopped = (await this.#programs.at(-1)?.stop(STOPS_WITHIN_MS)) ?? true;
  }

  /** The set-up link that the server printed. */
  async setUpLink(): Promise<string> {
    const program = this.#programs[0];
    if (!program) throw new Error("the server was not started");
    const [, link = "", token = ""] = await program.prints(SET_UP_LINK);
    this.secrets.add(token);
    return link;
  }

  /** Everything that it printed, over all its starts. */
  get log(): string {
    return this.#programs.map((program) => program.output).join("");
  }

  /** The ids of the runners that connected to it. */
  get runners(): string[] {
    const links = this.log.matchAll(/ a runner connected .*runner\.id=(\S+)/g);
    return [...new Set([...links].map((link) => String(link[1])))];
  }

  /** Removes all that it and its runners left behind. */
  async remove(): Promise<void> {
    await this.kill();
    for (const runner of this.runners) await removeContainers(runner);
    await this.#database.drop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Faults: errors, panics, secrets in the log, and not ending when asked to. */
  faults(): string[] {
    const lines = this.log.split("\n");
    const errors = lines.filter((line) => / ERROR |panicked at/.test(line));
    // The link is the one place for its token.
    const log = this.log.replace(SET_UP_LINK, "");
    const told = [...this.secrets].filter((secret) => log.includes(secret));
    const unwilling = this.#stopped ? [] : [`it did not end within ${STOPS_WITHIN_MS} ms`];
    return [...unwilling, ...errors, ...told.map((secret) => `the log contains the secret ${secret}`)];
  }

  async #answers(): Promise<void> {
    for (;;) {
      const ready = await fetch(`http://127.0.0.1:${this.#port}/readyz`).catch(() => undefined);
      if (ready?.ok) return;
      await new Promise((again) => setTimeout(again, 20));
    }
  }
}
