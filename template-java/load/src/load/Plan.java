package load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;

import io.gatling.javaapi.core.OpenInjectionStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** When each request of a run is to be sent: first the warm-up, then the steps of the profile. */
final class Plan {
  private static final double NANOS = 1e9;

  private final List<Slo.Step> steps = new ArrayList<>();
  private final boolean warmsUp;

  Plan(Slo slo) {
    warmsUp = slo.warmUpSeconds() > 0;
    if (warmsUp) {
      steps.add(new Slo.Step(slo.warmUpSeconds(), slo.steps().getFirst().requestsPerSecond()));
    }
    steps.addAll(slo.steps());
  }

  /** The steps as Gatling takes them: users at a constant rate, each with one request. */
  OpenInjectionStep[] injection() {
    return steps.stream()
        .map(step ->
            constantUsersPerSec(step.requestsPerSecond())
                .during(Duration.ofMillis(Math.round(step.seconds() * 1000))))
        .toArray(OpenInjectionStep[]::new);
  }

  /** Nanoseconds from the start of the run to the request of this number, which counts from 0. */
  long offset(long number) {
    double seconds = 0;
    long left = number;
    for (Slo.Step step : steps) {
      if (left < requests(step)) {
        return (long) ((seconds + left / step.requestsPerSecond()) * NANOS);
      }
      left -= requests(step);
      seconds += step.seconds();
    }
    return (long) (seconds * NANOS);
  }

  /** How many requests at the start are not measured. */
  long warmUp() {
    return warmsUp ? requests(steps.getFirst()) : 0;
  }

  /** How many requests are measured. */
  long offered() {
    return steps.stream().mapToLong(Plan::requests).sum() - warmUp();
  }

  double seconds() {
    return steps.stream().mapToDouble(Slo.Step::seconds).sum();
  }

  private static long requests(Slo.Step step) {
    return Math.round(step.seconds() * step.requestsPerSecond());
  }
}
