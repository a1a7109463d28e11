package com.example.demo;

import jakarta.validation.Valid;
import java.net.URI;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/v1/orders")
class OrderController {
  private final OrderRepository orders;

  OrderController(OrderRepository orders) {
    this.orders = orders;
  }

  @PostMapping
  ResponseEntity<Order> create(@Valid @RequestBody NewOrder wanted) {
    Order order = orders.save(new Order(wanted));
    return ResponseEntity.created(URI.create("/v1/orders/" + order.getId()))
        .eTag("\"" + order.getVersion() + "\"")
        .body(order);
  }

  @GetMapping("/{id}")
  ResponseEntity<Order> read(@PathVariable String id) {
    return orders
        .findById(id)
        .map(order -> ResponseEntity.ok().eTag("\"" + order.getVersion() + "\"").body(order))
        .orElseGet(() -> ResponseEntity.notFound().build());
  }
}
