// A small disk, in memory, that can be filled up.

import { execFile } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A file system in memory; mounting it needs root. */
export class Disk {
  /** The mount point. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Mounts a disk of this size. */
  static async mount(mib: number): Promise<Disk> {
    const folder = await mkdtemp(join(tmpdir(), "berth-disk-"));
    await run("mount", ["-t", "tmpfs", "-o", `size=${mib}m,mode=0700`, "berth-test", folder]);
    return new Disk(folder);
  }

  /** Fills the disk to the last page. */
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

  /** Frees the space again. */
  async free(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  /** Unmounts the disk; its files are lost. */
  async remove(): Promise<void> {
    await run("umount", ["--lazy", this.folder]);
    await rm(this.folder, { recursive: true, force: true });
  }

  get #ballast(): string {
    return join(this.folder, "ballast");
  }
}
