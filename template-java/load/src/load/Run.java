package load;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/** One run of the load test: what it is to do, and what was measured of it. */
final class Run {
  private static Run current;

  private final String baseUrl;
  private final Slo slo;
  private final Plan plan;
  private final List<Operation> mix = Operations.mix();
  private final Map<String, Tally> tallies = new LinkedHashMap<>();
  private final AtomicLong arrivals = new AtomicLong();
  private final AtomicLong start = new AtomicLong(Long.MAX_VALUE);

  /** When a request was due, and whether it is measured. */
  record Arrival(long due, boolean measured) {}

  private Run(String baseUrl, Slo slo) throws Mistake {
    this.baseUrl = baseUrl;
    this.slo = slo;
    this.plan = new Plan(slo);
    for (Operation operation : mix) {
      if (!slo.objectives().containsKey(operation.name())) {
        throw new Mistake(
            "slo.yaml has no objective named %s, which the mix of load/src/load/Operations.java sends"
                .formatted(operation.name()));
      }
      tallies.put(operation.name(), new Tally());
    }
  }

  /** The run that the environment and {@code slo} ask for. */
  static Run prepare(Path slo) throws Mistake {
    current = new Run(address(), Slo.read(slo, profile()));
    return current;
  }

  /** The run prepared, or elsewhere than in {@code make load} that of the packed slo.yaml. */
  static synchronized Run current() {
    if (current == null) {
      try (InputStream packed = Run.class.getResourceAsStream("/slo.yaml")) {
        String text = new String(packed.readAllBytes(), StandardCharsets.UTF_8);
        current = new Run(address(), Slo.parse(text, profile()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (Mistake e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
    return current;
  }

  private static String address() throws Mistake {
    String text = System.getenv().getOrDefault("BASE_URL", "");
    try {
      URI address = URI.create(text);
      if (text.matches("https?://.+") && address.getHost() != null) {
        return text.replaceFirst("/+$", "");
      }
    } catch (IllegalArgumentException _) {
      // It is told below.
    }
    throw new Mistake("BASE_URL is '%s'; it must be like http://127.0.0.1:8080".formatted(text));
  }

  static String profile() {
    return System.getenv().getOrDefault("PROFILE", "smoke");
  }

  String baseUrl() {
    return baseUrl;
  }

  Slo slo() {
    return slo;
  }

  Plan plan() {
    return plan;
  }

  List<Operation> mix() {
    return mix;
  }

  Map<String, Tally> tallies() {
    return tallies;
  }

  /** Counts a request that is about to be sent. */
  Arrival arrive(long now) {
    long number = arrivals.getAndIncrement();
    long offset = plan.offset(number);
    long begun = start.accumulateAndGet(now - offset, Math::min);
    return new Arrival(Math.min(now, begun + offset), number >= plan.warmUp());
  }

  /** One operation of the mix, by their weights. */
  Operation pick() {
    int left = ThreadLocalRandom.current().nextInt(mix.stream().mapToInt(Operation::weight).sum());
    for (Operation operation : mix) {
      left -= operation.weight();
      if (left < 0) {
        return operation;
      }
    }
    throw new IllegalStateException("the weights of the mix changed");
  }

  Map<String, Operation> byName() {
    return mix.stream().collect(Collectors.toMap(Operation::name, Function.identity()));
  }
}
