// Fails unless the service says that it is ready.
import http from "k6/http";

export const options = { iterations: 1, thresholds: { http_req_failed: ["rate==0"] } };

export default function ready() {
  http.get(`${__ENV.BASE_URL}/readyz`, { timeout: "5s" });
}
