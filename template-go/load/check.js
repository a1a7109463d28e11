// Fails, and says why in one sentence, unless every operation of the mix has its objective and the service is ready.
import http from "k6/http";
import { Counter } from "k6/metrics";

import { mix, operations } from "./operations.js";
import { plan } from "./plan.js";

const fine = new Counter("fine");

export const options = { iterations: 1, thresholds: { fine: ["count==1"] } };

export default function check() {
  if (problem() === "" && http.get(`${__ENV.BASE_URL}/readyz`, { timeout: "5s" }).status === 200) {
    fine.add(1);
  }
}

function problem() {
  const without = mix.find((name) => !(name in plan.objectives));
  if (without !== undefined) {
    return `slo.yaml has no objective ${without}, which load/operations.js has in its mix: write one, or take it out there`;
  }
  const unwritten = mix.find((name) => !(name in operations));
  return unwritten === undefined ? "" : `load/operations.js has ${unwritten} in its mix and no operation of that name`;
}

export function handleSummary({ metrics }) {
  if (metrics.fine && metrics.fine.values.count === 1) {
    return {};
  }
  const unready = `no ready service at ${__ENV.BASE_URL}: start one with make run, or name it with BASE_URL=`;
  return { stderr: `make load: ${problem() || unready}\n` };
}
