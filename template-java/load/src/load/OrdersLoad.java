package load;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.jsonPath;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Clients arrive at a constant rate, however slow the answers are (an open model), and each creates
 * an order, reads it and lists. The numbers stand in load.properties.
 */
public final class OrdersLoad extends Simulation {
  private static final String ORDER =
      """
      {"customer_id": "load", "items": [{"sku": "a", "quantity": 2, "unit_price_cents": 150}]}
      """;

  private final Properties settings = settings();
  private final String profile = System.getenv().getOrDefault("PROFILE", "smoke");

  /** Gatling makes one instance, and runs what it set up. */
  public OrdersLoad() {
    var target = http.baseUrl(System.getenv("BASE_URL")).shareConnections().disableCaching();
    setUp(clients().injectOpen(constantUsersPerSec(number("rate")).during(number("seconds"))))
        .protocols(target)
        .assertions(
            global().failedRequests().percent().lte((double) number("errors_percent")),
            global().responseTime().percentile(95).lt(number("p95_ms")));
  }

  private static ScenarioBuilder clients() {
    return scenario("orders")
        .exec(
            http("create")
                .post("/v1/orders")
                .header("Content-Type", "application/json")
                .body(StringBody(ORDER))
                .check(status().is(201), jsonPath("$.id").saveAs("id")),
            http("read").get("/v1/orders/#{id}").check(status().is(200)),
            http("list").get("/v1/orders?limit=10").check(status().is(200)));
  }

  private int number(String name) {
    String value = settings.getProperty(profile + "." + name);
    if (value == null) {
      throw new IllegalArgumentException("load.properties has no profile named " + profile);
    }
    return Integer.parseInt(value);
  }

  private static Properties settings() {
    try (InputStream in = OrdersLoad.class.getResourceAsStream("/load.properties")) {
      var settings = new Properties();
      settings.load(in);
      return settings;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
