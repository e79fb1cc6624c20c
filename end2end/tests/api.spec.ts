// The first steps of a new user through the API, without any page.

import { randomUUID } from "node:crypto";

import type { APIRequestContext } from "@playwright/test";

import { containers } from "../src/docker.ts";
import { EXAMPLE } from "../src/person.ts";
import { expect, test } from "../src/test.ts";

/** The fields of responses that this test reads. */
type Json = any;

/** Calls the API like a script: with a session cookie and an origin. */
class Api {
  readonly #request: APIRequestContext;
  readonly #origin: string;

  constructor(request: APIRequestContext, origin: string) {
    this.#request = request;
    this.#origin = origin;
  }

  async call(method: string, path: string, status: number, data?: unknown): Promise<Json> {
    const headers = { origin: this.#origin };
    const address = `${this.#origin}/api/v1${path}`;
    const answer = await this.#request.fetch(address, { method, headers, data });
    expect(answer.status(), `${method} ${path}: ${await answer.text()}`).toBe(status);
    return status === 204 ? undefined : answer.json();
  }

  /** Reads a resource until it meets a condition. */
  async until(path: string, is: (body: Json) => boolean): Promise<Json> {
    let body: Json;
    await expect
      .poll(async () => is((body = await this.call("GET", path, 200))), { timeout: 40_000 })
      .toBe(true);
    return body;
  }
}

test("a script takes the first steps through the API alone", async ({ request, server }) => {
  const api = new Api(request, server.url);
  const [password, secret] = [`a pass phrase ${randomUUID()}`, `hush ${randomUUID()}`];
  server.secrets.add(password).add(secret);
  const token = new URL(await server.setUpLink()).searchParams.get("token");
  const ada = { name: "Ada", email: "ada@example.org", password };
  const made = await api.call("POST", "/setup", 201, { token, workspace_name: "main", ...ada });
  const workspace = `/workspace/${made.workspace.workspace_id}`;

  const runners = await api.until(`${workspace}/runner`, ({ items }) => items[0]?.connected);
  const runner_id = runners.items[0].runner_id;
  const kept = { name: "KEY", secret_value: secret };
  const { secret_id } = (await api.call("POST", `${workspace}/secret`, 201, kept)).secret;
  const spec = (greeting: string) => ({
    image: EXAMPLE.image,
    ports: [{ number: EXAMPLE.port }],
    environment: [
      { name: "GREETING", value: greeting },
      { name: "KEY", secret_id },
    ],
    startup_probe: { kind: "http", port: EXAMPLE.port, path: "/healthz" },
  });
  const first = { name: EXAMPLE.name, runner_id, spec: spec("Good day") };
  const { deployment } = await api.call("POST", `${workspace}/deployment`, 201, first);
  const path = `${workspace}/deployment/${deployment.deployment_id}`;
  const isLive = (release: number) => (body: Json) =>
    body.deployment.release.number === release &&
    body.deployment.release.phase === "live" &&
    body.deployment.observed.summary === "running" &&
    body.deployment.observed.instances.length === 1;
  const ask = async (body: Json, page: string): Promise<string> => {
    const { address } = body.deployment.observed.instances[0].ports[0];
    return (await fetch(`http://${address}${page}`)).text();
  };
  const live = await api.until(path, isLive(1));
  expect(await ask(live, "/")).toContain("Good day");
  expect(await ask(live, "/env")).toContain(`KEY=${secret}`);
  expect(JSON.stringify(live)).not.toContain(secret);
  const isUp = ({ text }: Json) => text.includes("listens on port 8080");
  await api.until(`${path}/log`, ({ lines }) => lines.some(isUp));

  await api.call("PATCH", path, 200, { spec: spec("Good evening") });
  expect(await ask(await api.until(path, isLive(2)), "/")).toContain("Good evening");
  const back = `${path}/release/${live.deployment.release.release_id}/roll-back`;
  await api.call("POST", back, 202);
  expect(await ask(await api.until(path, isLive(3)), "/")).toContain("Good day");

  await api.call("POST", `${path}/stop`, 202);
  await api.until(path, (body) => body.deployment.observed.summary === "stopped");
  await api.call("POST", `${path}/start`, 202);
  await api.until(path, isLive(3));
  await api.call("DELETE", path, 202);
  await api.until(`${workspace}/deployment`, ({ total }) => total === 0);
  for (const runner of server.runners) expect(await containers(runner)).toEqual([]);
  await api.call("DELETE", "/session", 204);
  await api.call("GET", workspace, 401);
});
