// Creates, reads and lists orders at a constant arrival rate: a slow service meets the same number of requests as a fast
// one, so its queue shows. Limits are in settings.json.
import { check } from "k6";
import http from "k6/http";

const settings = JSON.parse(open("./settings.json"))[__ENV.PROFILE];
const baseURL = __ENV.BASE_URL;
const json = { headers: { "Content-Type": "application/json" } };

export const options = {
  scenarios: {
    mix: {
      executor: "constant-arrival-rate",
      rate: settings.requestsPerSecond,
      timeUnit: "1s",
      duration: `${settings.seconds}s`,
      preAllocatedVUs: settings.requestsPerSecond,
      maxVUs: 4 * settings.requestsPerSecond,
    },
  },
  thresholds: {
    http_req_duration: [`p(95)<${settings.p95Milliseconds}`],
    http_req_failed: [`rate<${settings.errorRate}`],
    checks: [`rate>${1 - settings.errorRate}`],
    // Requests that found no client free to send them: the rate was not what it says.
    dropped_iterations: [`count<=${settings.errorRate * settings.requestsPerSecond * settings.seconds}`],
  },
};

function create() {
  const order = {
    customer_id: `load-${__VU}`,
    items: [{ sku: "load", quantity: 2, unit_price_cents: 1250 }],
  };
  const response = http.post(`${baseURL}/v1/orders`, JSON.stringify(order), json);
  const created = check(response, { "order is created": (r) => r.status === 201 });
  return created ? response.json("id") : undefined;
}

function read(id) {
  const response = http.get(`${baseURL}/v1/orders/${id}`, { tags: { name: "/v1/orders/{id}" } });
  check(response, { "order is read": (r) => r.status === 200 && r.json("id") === id });
}

function list() {
  const response = http.get(`${baseURL}/v1/orders?limit=20`);
  check(response, { "orders are listed": (r) => r.status === 200 });
}

let known;

// One of five requests creates an order, two read the one created last, two list.
export default function mix() {
  const step = known === undefined ? 0 : __ITER % 5;
  if (step === 0) {
    known = create();
  } else if (step % 2 === 1) {
    read(known);
  } else {
    list();
  }
}
