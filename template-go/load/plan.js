// What a profile of ../slo.yaml asks for, as scenarios and thresholds of k6. `go tool objectives` makes the JSON.
export const plan = JSON.parse(__ENV.LOAD_PLAN);

export const requestTimeout = 10; // seconds; what is not answered by then has failed

const runners = Number(__ENV.LOAD_RUNNERS || 1); // among whom the requests are shared out, see docs/load.md
const requests = ({ seconds, requests_per_second: rate }) => Math.floor(seconds * rate);
const offered = Math.round(plan.steps.reduce((sum, one) => sum + requests(one), 0) / runners);

// Requests are sent when they are due, whether or not those before were answered, so there must be a free client for each:
// as many as are under way while the service stands still for two seconds, or for twice the slowest p99. With fewer a
// request would wait for a client, or be dropped.
function clients(rate, names) {
  const slowest = Math.max(...names.map((name) => plan.objectives[name].p99_ms));
  return Math.ceil(rate * Math.max(2, (2 * slowest) / 1000)) + 10;
}

function step(phase, begins, { seconds, requests_per_second: rate }, names) {
  return {
    executor: "constant-arrival-rate",
    exec: phase,
    startTime: `${begins * 1000}ms`,
    duration: `${seconds * 1000}ms`,
    gracefulStop: `${requestTimeout + 1}s`, // so that every request has its outcome
    rate: Math.round(rate * 1000), // k6 takes whole numbers
    timeUnit: "1000s",
    preAllocatedVUs: clients(rate, names),
    env: { SECONDS: String(seconds), RATE: String(rate) },
  };
}

// The warm-up, the steps one after another, and a line of progress every five seconds.
export function scenarios(names) {
  const made = { warm_up: step("warmUp", 0, { ...plan.steps[0], seconds: plan.warm_up_seconds }, names) };
  let begins = plan.warm_up_seconds;
  plan.steps.forEach((one, i) => {
    made[`step_${i + 1}`] = step("measured", begins, one, names);
    begins += one.seconds;
  });
  made.progress = {
    executor: "constant-arrival-rate",
    exec: "progress",
    duration: `${begins * 1000}ms`,
    rate: 1,
    timeUnit: "5s",
    preAllocatedVUs: 1,
    env: { SECONDS: String(begins) },
  };
  return made;
}

const mostFailed = ({ availability }) => Number((1 - availability).toPrecision(12));
const leastAnswered = Math.ceil(plan.least_achieved * offered);

// The limits: a threshold of k6 each, with the words to show it by.
export function limits(names) {
  const all = names.flatMap((name) => {
    const { p99_ms: p99, ...rest } = plan.objectives[name];
    return [
      {
        metric: `latency{objective:${name}}`,
        threshold: `p(99)<=${p99}`,
        shown: (values) => `${name} p99 ${up(values["p(99)"])} ms, at most ${p99} ms`,
      },
      {
        metric: `failed{objective:${name}}`,
        threshold: `rate<=${mostFailed(rest)}`,
        shown: (values) => `${name} failed ${percent(values.rate)}, at most ${percent(mostFailed(rest))}`,
      },
    ];
  });
  all.push({
    metric: "answered",
    threshold: `count>=${leastAnswered}`,
    shown: ({ count }) =>
      `achieved ${count} of ${offered} requests offered (${percent(count / offered)}), at least ${percent(plan.least_achieved)}`,
  });
  return all;
}

// Figures are rounded up, so that none looks as if it kept a limit that it broke.
export const up = (figure) => (figure < 100 ? Math.ceil(figure * 10) / 10 : Math.ceil(figure));
const percent = (share) => `${Number((100 * share).toPrecision(4))} %`;
