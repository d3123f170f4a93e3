import { expect, test } from "vitest";
import { countBy, MAX_SERIES, Metrics } from "../../../../core/server/operation/metrics.ts";

test("the text is what Prometheus reads: help, type, and a line for each set of labels", () => {
  const metrics = new Metrics();
  const requests = metrics.counter("requests_total", "Requests\nby \\method.");
  requests.add({ method: "REGISTER" });
  requests.add({ method: "REGISTER" });
  requests.add({ method: 'a"b\\c\nd' });
  metrics.counter("quiet_total", "Nothing yet.");
  metrics.gauge("people", "People.", () => 3);
  metrics.gauge("flows", "Flows.", () => countBy(["tls", "tcp", "tls"], (transport) => ({ transport })));
  expect(metrics.exposition()).toBe(
    [
      "# HELP requests_total Requests\\nby \\\\method.",
      "# TYPE requests_total counter",
      'requests_total{method="REGISTER"} 2',
      'requests_total{method="a\\"b\\\\c\\nd"} 1',
      "# HELP quiet_total Nothing yet.",
      "# TYPE quiet_total counter",
      "quiet_total 0",
      "# HELP people People.",
      "# TYPE people gauge",
      "people 3",
      "# HELP flows Flows.",
      "# TYPE flows gauge",
      'flows{transport="tls"} 2',
      'flows{transport="tcp"} 1',
      "",
    ].join("\n"),
  );
});

test("a histogram counts into every class that a value fits, with the sum of all", () => {
  const metrics = new Metrics();
  const commits = metrics.histogram("commit_seconds", "Commits.", [0.01, 0.1]);
  for (const seconds of [0.005, 0.05, 2]) commits.observe(seconds);
  expect(metrics.exposition().split("\n").slice(2)).toEqual([
    'commit_seconds_bucket{le="0.01"} 1',
    'commit_seconds_bucket{le="0.1"} 2',
    'commit_seconds_bucket{le="+Inf"} 3',
    "commit_seconds_sum 2.055",
    "commit_seconds_count 3",
    "",
  ]);
});

test("labels that strangers choose do not make it grow without end", () => {
  const counter = new Metrics().counter("x_total", "X.");
  for (let number = 0; number < MAX_SERIES + 5; number++) counter.add({ name: String(number) });
  expect([[...counter.entries].length, counter.value({ name: "other" })]).toEqual([MAX_SERIES + 1, 5]);
});
