package load;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/** What was measured of one operation: answers, failures, and times to a tenth of a millisecond. */
final class Tally {
  private static final long NANOS_EACH = 100_000;
  private static final double IN_A_MS = 10;
  private static final int LONGEST = 1_200_000; // two minutes; what took longer counts as that

  private final AtomicLongArray times = new AtomicLongArray(LONGEST + 1);
  private final LongAdder requests = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();

  void add(long nanos, boolean wasAnswered, boolean hasFailed) {
    long time = Math.ceilDiv(nanos, NANOS_EACH);
    times.incrementAndGet((int) Math.min(time, LONGEST));
    requests.increment();
    if (wasAnswered) {
      answered.increment();
    }
    if (hasFailed) {
      failed.increment();
    }
  }

  long requests() {
    return requests.sum();
  }

  long answered() {
    return answered.sum();
  }

  double failedShare() {
    return (double) failed.sum() / requests.sum();
  }

  /** The time within which this share of the requests was done. */
  double milliseconds(double share) {
    long left = (long) Math.ceil(share * requests.sum());
    int time = 0;
    while (left > times.get(time)) {
      left -= times.get(time);
      time++;
    }
    return time / IN_A_MS;
  }
}
