package load;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gatling.javaapi.core.Session;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;

/** The orders of a run: some are made before it, to be read; those it creates are confirmed. */
final class Orders {
  /** A new order, of a customer that exists in this run only. */
  static final String NEW =
      """
      {"customer_id": "load-%s", "items": [{"sku": "a", "quantity": 2, "unit_price_cents": 150}]}
      """
          .formatted(Long.toString(System.currentTimeMillis(), Character.MAX_RADIX));

  private static final JsonMapper JSON = new JsonMapper();
  private static final int SEEDED = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final List<String> KNOWN = new ArrayList<>();
  // More wait only where orders are created for hours; those that find no place stay as they are.
  private static final BlockingQueue<Created> TO_CONFIRM = new LinkedBlockingQueue<>(10_000);

  private record Created(String id, String tag) {}

  private Orders() {}

  /** Creates the orders to be read, unless they are there. */
  static void seed(String baseUrl) throws Mistake {
    var request =
        HttpRequest.newBuilder(URI.create(baseUrl + "/v1/orders"))
            .header("Content-Type", "application/json")
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofString(NEW))
            .build();
    try (var client = HttpClient.newHttpClient()) {
      while (KNOWN.size() < SEEDED) {
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        if (answer.statusCode() != 201) {
          throw new Mistake(
              "an order to read cannot be created: POST %s answers %d where 201 was due"
                  .formatted(request.uri(), answer.statusCode()));
        }
        String id = JSON.readTree(answer.body()).path("id").textValue();
        KNOWN.add(id);
        TO_CONFIRM.add(new Created(id, answer.headers().firstValue("ETag").orElse("*")));
      }
    } catch (IOException e) {
      throw new Mistake("an order to read cannot be created: POST " + request.uri() + ": " + e);
    } catch (InterruptedException _) {
      throw new Mistake("stopped while orders to read were created");
    }
  }

  static Session created(Session session) {
    TO_CONFIRM.offer(new Created(session.getString("id"), session.getString("etag")));
    return session;
  }

  static Session one(Session session) {
    return session.set("id", KNOWN.get(ThreadLocalRandom.current().nextInt(KNOWN.size())));
  }

  static Session oneToConfirm(Session session) {
    Created order = TO_CONFIRM.poll();
    return order == null
        ? session.set(ServiceLoad.OPERATION, "create-order")
        : session.set("id", order.id()).set("etag", order.tag());
  }
}
