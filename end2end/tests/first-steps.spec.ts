// The first steps of a new user, on live pages that need no reload.

import { test } from "../src/test.ts";
import { takeFirstSteps } from "../src/first-steps.ts";

test("a new user takes the first steps on live pages", async ({ person, server }) => {
  await takeFirstSteps(person, server);
});
