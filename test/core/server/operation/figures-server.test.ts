import { request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { serveFigures } from "../../../../core/server/operation/figures-server.ts";
import type { Problem } from "../../../../core/server/operation/health.ts";

async function served(problems: readonly Problem[] = []) {
  const endpoint = { address: "127.0.0.1", port: 0 };
  const server = await serveFigures({ endpoint, metrics: () => "people 3\n", problems: async () => problems });
  onTestFinished(() => server.close());
  return server.at;
}

function get(at: string, path: string, headers = {}, method = "GET"): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`http://${at}${path}`, { headers, method }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("figures are served as text, and health as JSON", async () => {
  const at = await served();
  expect(await get(at, "/metrics")).toEqual({ status: 200, body: "people 3\n" });
  expect(await get(at, "/health")).toEqual({ status: 200, body: '{"status":"good","problems":[]}\n' });
});

test("a warning leaves the office in service, something wrong takes it out", async () => {
  const warning: Problem = { code: "disk", verdict: "warning", text: "Room is short." };
  expect(JSON.parse((await get(await served([warning]), "/health")).body)).toEqual({
    status: "warning",
    problems: [warning],
  });
  const answer = await get(await served([warning, { ...warning, verdict: "wrong" }]), "/health");
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([503, { status: "wrong" }]);
});

test("nothing else is there, nothing can be changed, and names of others are refused", async () => {
  const at = await served();
  expect([(await get(at, "/")).status, (await get(at, "/metrics", {}, "POST")).status]).toEqual([404, 405]);
  expect((await get(at, "/metrics", { host: "elsewhere.example" })).status).toBe(403);
  expect((await get(at, "/metrics", { host: "localhost:1234" })).status).toBe(200);
});
