package com.example.demo;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.util.List;

record NewOrder(
    @NotNull @Size(min = 1, max = 64) String customerId,
    @NotNull @Size(min = 1, max = 100) List<@Valid @NotNull OrderItem> items) {}
