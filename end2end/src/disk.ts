// A small disk, in memory, that can be filled up.

import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A file system with a folder of its own; to mount it needs root. */
export class Disk {
  /** Where it is mounted. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes one of this size. */
  static async mount(mib: number): Promise<Disk> {
    const folder = await mkdtemp(join(tmpdir(), "berth-disk-"));
    await run("mount", ["-t", "tmpfs", "-o", `size=${mib}m,mode=0700`, "berth-test", folder]);
    return new Disk(folder);
  }

  /** Leaves no room for a single page more. */
  async fill(): Promise<void> {
    const file = await open(this.#ballast, "a");
    try {
      for (let bytes = 1 << 20; bytes >= 4096; ) {
        try {
          await file.appendFile(Buffer.alloc(bytes));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
          bytes /= 2;
        }
      }
    } finally {
      await file.close();
    }
  }

  /** Takes away what filled it. */
  async free(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  /** Takes it away with all that is on it. */
  async remove(): Promise<void> {
    await run("umount", ["--lazy", this.folder]);
    await rm(this.folder, { recursive: true, force: true });
  }

  get #ballast(): string {
    return join(this.folder, "ballast");
  }
}
