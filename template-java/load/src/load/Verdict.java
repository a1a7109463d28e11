package load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The limits of slo.yaml beside what was measured, a line for each. */
final class Verdict {
  private final List<String> lines = new ArrayList<>();
  private boolean held = true;

  Verdict(Run run) {
    run.tallies().forEach((name, tally) -> judge(name, tally, run.slo().objectives().get(name)));
    long offered = run.plan().offered();
    long answered = run.tallies().values().stream().mapToLong(Tally::answered).sum();
    double share = (double) answered / offered;
    double least = run.slo().leastAchieved();
    line(
        share >= least,
        "achieved %d of %d requests offered (%s %%), at least %s %%",
        answered,
        offered,
        percent(share),
        percent(least));
  }

  private void judge(String name, Tally tally, Slo.Objective objective) {
    if (tally.requests() == 0) {
      line(false, "%s was never measured: the profile sends too few requests", name);
      return;
    }
    double p99 = tally.milliseconds(0.99);
    line(
        p99 <= objective.p99Ms(),
        // Rounded up, so that what is above the limit also looks so.
        "%s p99 %.0f ms, at most %s ms (p50 %.1f ms, p99.9 %.1f ms, %d requests)",
        name,
        Math.ceil(p99),
        number(objective.p99Ms()),
        tally.milliseconds(0.5),
        tally.milliseconds(0.999),
        tally.requests());
    double most = objective.failures();
    line(
        tally.failedShare() <= most,
        "%s failed %s %%, at most %s %%",
        name,
        percent(tally.failedShare()),
        percent(most));
  }

  private void line(boolean holds, String format, Object... values) {
    held &= holds;
    lines.add((holds ? "ok     " : "BROKEN ") + String.format(Locale.ROOT, format, values));
  }

  boolean held() {
    return held;
  }

  List<String> lines() {
    return lines;
  }

  private static String percent(double share) {
    return number(share * 100);
  }

  /** At most three digits after the point, and no more than it takes. */
  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value).replaceFirst("\\.?0+$", "");
  }
}
