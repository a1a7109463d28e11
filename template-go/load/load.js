// Sends the mix of operations.js at the rates of ../slo.yaml and holds the service to its limits. A latency begins when the
// request was due: what it had to wait for a free client counts.
import exec from "k6/execution";
import http from "k6/http";
import { Counter, Rate, Trend } from "k6/metrics";

import { mix, operations, prepare } from "./operations.js";
import { limits, plan, requestTimeout, scenarios, up } from "./plan.js";

const names = [...new Set(mix)];
const latency = new Trend("latency", true);
const failed = new Rate("failed");
const answered = new Counter("answered");

export const options = {
  scenarios: scenarios(names),
  thresholds: Object.fromEntries(limits(names).map(({ metric, threshold }) => [metric, [threshold]])),
  summaryTrendStats: ["p(50)", "p(99)", "p(99.9)", "count"],
  discardResponseBodies: true,
  throw: true, // a request without an answer is counted, not told in a line each
};

export function setup() {
  return prepare((operation) => {
    const answer = send(operation, "prepare");
    if (answer === undefined || answer.status !== operation.status) {
      const found = answer === undefined ? "no answer" : answer.status;
      exec.test.abort(`make load: ${operation.method} ${operation.path} before the run gave ${found}, not ${operation.status}`);
    }
    return kept(answer);
  });
}

export function warmUp(run) {
  next(run);
}

export function measured(run) {
  const rate = Number(__ENV.RATE);
  const number = exec.scenario.iterationInTest;
  if (number >= Math.floor(rate * Number(__ENV.SECONDS))) {
    return; // due when the step is over
  }
  const due = (1000 * number) / rate;
  const begun = Date.now();
  const late = Math.max(0, exec.scenario.progress * 1000 * Number(__ENV.SECONDS) - due);
  const { name, answer, right } = next(run);
  const took = answer === undefined ? Date.now() - begun : whole(answer.timings);
  latency.add(late + took, { objective: name });
  failed.add(!right, { objective: name });
  if (answer !== undefined) {
    answered.add(1);
  }
}

export function progress() {
  const all = Number(__ENV.SECONDS);
  const now = Math.round(exec.scenario.progress * all);
  const phase = now < plan.warm_up_seconds ? "warming up" : "measuring";
  console.log(`${now} of ${all} s: ${phase}`);
}

let turn = __VU;

function next(run) {
  let name = mix[turn++ % mix.length];
  let operation = operations[name](run);
  if (typeof operation === "string") {
    name = operation;
    operation = operations[name](run);
  }
  const answer = send(operation, name);
  const right = answer !== undefined && answer.status === operation.status;
  if (right && operation.keep) {
    operation.keep(kept(answer));
  }
  return { name, answer, right };
}

function send({ method, path, headers, body }, name) {
  try {
    return http.request(method, `${__ENV.BASE_URL}${path}`, body === undefined ? null : JSON.stringify(body), {
      headers,
      redirects: 0,
      timeout: `${requestTimeout}s`,
      tags: { name, objective: name },
    });
  } catch {
    return undefined;
  }
}

const kept = (answer) => ({ path: answer.headers.Location, tag: answer.headers.Etag });
const whole = (timings) => timings.blocked + timings.connecting + timings.tls_handshaking + timings.duration;

export function handleSummary({ metrics }) {
  const values = (metric) => (metrics[metric] ? metrics[metric].values : {});
  if (names.every((name) => !values(`latency{objective:${name}}`).count)) {
    return {}; // it ended before the first request that counts, and has said why
  }
  const lines = names.map((name) => {
    const of = values(`latency{objective:${name}}`);
    return `${name}: ${of.count || 0} requests, p50 ${up(of["p(50)"] || 0)} ms, p99 ${up(of["p(99)"] || 0)} ms, p99.9 ${up(of["p(99.9)"] || 0)} ms`;
  });
  for (const { metric, threshold, shown } of limits(names)) {
    const held = metrics[metric] && metrics[metric].thresholds[threshold].ok;
    lines.push(`${held ? "ok    " : "BROKEN"} ${shown({ count: 0, rate: 0, "p(99)": 0, ...values(metric) })}`);
  }
  return { stdout: `${lines.join("\n")}\n` };
}
