// The least that creates and reads orders: Spring Boot on Jetty and virtual threads, JdbcTemplate over HikariCP, the SQL of
// ours, Bean Validation, and the server's own access log.
package minimal;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class Application {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final JdbcTemplate jdbc;
  private final TransactionTemplate transactions;

  Application(JdbcTemplate jdbc, TransactionTemplate transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  public static void main(String[] arguments) {
    SpringApplication.run(Application.class, arguments);
  }

  record Item(
      @NotNull @Size(min = 1, max = 64) String sku,
      @NotNull @Min(1) @Max(1000) Integer quantity,
      @NotNull @Min(0) @Max(10_000_000) Long unitPriceCents) {}

  record NewOrder(
      @NotNull @Size(min = 1, max = 64) String customerId,
      @NotNull @Size(min = 1, max = 100) List<@Valid @NotNull Item> items) {}

  record Order(
      String id,
      String customerId,
      List<Item> items,
      long totalCents,
      String status,
      String createdAt,
      String updatedAt) {}

  record Versioned(Order order, int version) {}

  @PostMapping("/v1/orders")
  ResponseEntity<Order> create(@Valid @RequestBody NewOrder wanted) {
    String now = TIME.format(Instant.now());
    long total =
        wanted.items().stream().mapToLong(item -> item.quantity() * item.unitPriceCents()).sum();
    String id = UUID.randomUUID().toString();
    var order = new Order(id, wanted.customerId(), wanted.items(), total, "new", now, now);
    transactions.executeWithoutResult(_ -> insert(order));
    return ResponseEntity.created(URI.create("/v1/orders/" + id)).eTag("\"1\"").body(order);
  }

  @GetMapping("/v1/orders/{id}")
  ResponseEntity<Order> read(@PathVariable String id) {
    List<Versioned> found =
        jdbc.query(
            "SELECT id, customer_id, total_cents, status, created_at, updated_at, version"
                + " FROM orders WHERE id = ?",
            (row, _) ->
                new Versioned(
                    new Order(
                        row.getString("id"),
                        row.getString("customer_id"),
                        new ArrayList<>(),
                        row.getLong("total_cents"),
                        row.getString("status"),
                        row.getString("created_at"),
                        row.getString("updated_at")),
                    row.getInt("version")),
            id);
    if (found.isEmpty()) {
      return ResponseEntity.notFound().build();
    }
    Order order = found.getFirst().order();
    jdbc.query(
        "SELECT order_id, sku, quantity, unit_price_cents FROM order_items WHERE order_id IN (?)"
            + " ORDER BY order_id, position",
        row -> {
          order.items().add(new Item(row.getString(2), row.getInt(3), row.getLong(4)));
        },
        id);
    return ResponseEntity.ok().eTag("\"" + found.getFirst().version() + "\"").body(order);
  }

  private void insert(Order order) {
    jdbc.update(
        "INSERT INTO orders (id, customer_id, total_cents, status, created_at, updated_at, version)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?)",
        order.id(),
        order.customerId(),
        order.totalCents(),
        order.status(),
        order.createdAt(),
        order.updatedAt(),
        1);
    List<Object[]> rows = new ArrayList<>();
    for (Item item : order.items()) {
      rows.add(
          new Object[] {
            order.id(), rows.size(), item.sku(), item.quantity(), item.unitPriceCents()
          });
    }
    jdbc.batchUpdate(
        "INSERT INTO order_items (order_id, position, sku, quantity, unit_price_cents)"
            + " VALUES (?, ?, ?, ?, ?)",
        rows);
  }
}
