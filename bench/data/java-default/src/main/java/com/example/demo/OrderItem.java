package com.example.demo;

import jakarta.persistence.Embeddable;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

@Embeddable
public record OrderItem(
    @NotNull @Size(min = 1, max = 64) String sku,
    @NotNull @Min(1) @Max(1000) Integer quantity,
    @NotNull @Min(0) @Max(10_000_000) Long unitPriceCents) {}
