package com.example.demo;

import com.fasterxml.jackson.annotation.JsonIgnore;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

@Entity
@Table(name = "orders")
public class Order {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  @Id
  @GeneratedValue(strategy = GenerationType.UUID)
  private String id;

  @NotNull
  @Size(min = 1, max = 64)
  private String customerId;

  @ElementCollection
  @CollectionTable(name = "order_items", joinColumns = @JoinColumn(name = "order_id"))
  @OrderColumn(name = "position")
  @NotNull
  @Size(min = 1, max = 100)
  private List<@Valid @NotNull OrderItem> items;

  private long totalCents;
  private String status;
  private int version;
  private String createdAt;
  private String updatedAt;

  protected Order() {}

  Order(NewOrder wanted) {
    this.customerId = wanted.customerId();
    this.items = new ArrayList<>(wanted.items());
    for (OrderItem item : items) {
      totalCents += item.quantity() * item.unitPriceCents();
    }
    this.status = "new";
    this.version = 1;
    this.createdAt = TIME.format(Instant.now());
    this.updatedAt = createdAt;
  }

  public String getId() {
    return id;
  }

  public String getCustomerId() {
    return customerId;
  }

  public List<OrderItem> getItems() {
    return items;
  }

  public long getTotalCents() {
    return totalCents;
  }

  public String getStatus() {
    return status;
  }

  @JsonIgnore
  public int getVersion() {
    return version;
  }

  public String getCreatedAt() {
    return createdAt;
  }

  public String getUpdatedAt() {
    return updatedAt;
  }
}
