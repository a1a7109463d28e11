package load;

import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.doIfOrElse;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.Assertion;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Requests are sent at the rates of slo.yaml, however slow the answers are (an open model): each is
 * a user of its own with one operation of the mix. Those of the warm-up are silent: Gatling leaves
 * them out of its figures.
 */
public final class ServiceLoad extends Simulation {
  /** The key of a session for the name of the operation that it sends. */
  static final String OPERATION = "operation";

  private static final String ARRIVAL = "arrival";

  private final Run run = Run.current();
  private final Map<String, Operation> operations = run.byName();

  /** Gatling makes one instance, and runs what it set up. */
  public ServiceLoad() {
    ChainBuilder request = exec(this::arrive);
    for (Operation operation : run.mix()) {
      request = request.exec(sendWhenPicked(operation));
    }
    request = request.exec(this::leave);
    setUp(scenario("requests").exec(request).injectOpen(run.plan().injection()))
        .protocols(http.baseUrl(run.baseUrl()).shareConnections().disableCaching())
        .assertions(limits());
  }

  @Override
  public void before() {
    try {
      Operations.prepare(run.baseUrl());
    } catch (Mistake e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private Session arrive(Session session) {
    Run.Arrival arrival = run.arrive(System.nanoTime());
    Operation operation = run.pick();
    return operation.before().apply(session.set(ARRIVAL, arrival).set(OPERATION, operation.name()));
  }

  private static ChainBuilder sendWhenPicked(Operation operation) {
    var sendOrWarmUp =
        doIfOrElse(session -> session.<Run.Arrival>get(ARRIVAL).measured())
            .then(exec(operation.toSend()))
            .orElse(exec(operation.toSend().silent()));
    return doIf(session -> operation.name().equals(session.getString(OPERATION)))
        .then(sendOrWarmUp);
  }

  private Session leave(Session session) {
    long now = System.nanoTime();
    Run.Arrival arrival = session.get(ARRIVAL);
    if (!arrival.measured()) {
      return session; // a silent request does not tell whether it failed
    }
    String name = session.getString(OPERATION);
    boolean answered = session.contains(Operation.ANSWERED);
    run.tallies().get(name).add(now - arrival.due(), answered, session.isFailed());
    return session.isFailed() ? session : operations.get(name).after().apply(session);
  }

  /** The limits once more as Gatling's own assertions, for its report and for runs elsewhere. */
  private Assertion[] limits() {
    return run.mix().stream()
        .map(Operation::name)
        .flatMap(name -> limits(name, run.slo().objectives().get(name)))
        .toArray(Assertion[]::new);
  }

  private static Stream<Assertion> limits(String name, Slo.Objective objective) {
    return Stream.of(
        details(name).responseTime().percentile(99).lte((int) Math.floor(objective.p99Ms())),
        details(name).failedRequests().percent().lte(100 * objective.failures()));
  }
}
