// Databases for single tests.

import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The kind of database. */
export type Kind = "sqlite" | "postgres";

/** A fresh database; SQLite's is a file in the server's data folder and has no address. */
export interface Database {
  url: string;
  drop(): Promise<void>;
}

/** Creates an unused database. */
export async function freshDatabase(kind: Kind): Promise<Database> {
  if (kind === "sqlite") return { url: "", drop: async () => {} };
  const admin = process.env.BERTH_TEST_POSTGRES_URL;
  if (!admin) throw new Error("BERTH_TEST_POSTGRES_URL is not set");
  const name = `berth_browser_${randomUUID().replaceAll("-", "")}`;
  const sql = async (statement: string) => {
    await run("psql", ["--no-psqlrc", "--quiet", "--dbname", admin, "--command", statement]);
  };
  await sql(`CREATE DATABASE ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => sql(`DROP DATABASE ${name} WITH (FORCE)`) };
}
