package load;

import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.http.Http;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * One kind of request, named like its objective in slo.yaml. {@code weight} is how often it is sent
 * beside the others.
 */
record Operation(
    String name,
    int weight,
    UnaryOperator<Session> before,
    Function<Http, HttpRequestActionBuilder> request,
    UnaryOperator<Session> after) {
  /** What a session says when there was an answer, whatever it was. */
  static final String ANSWERED = "answered";

  static Operation of(String name, int weight, Function<Http, HttpRequestActionBuilder> request) {
    return new Operation(name, weight, UnaryOperator.identity(), request, UnaryOperator.identity());
  }

  /** Sets what the request takes from the session, as {@code #{key}}. */
  Operation before(UnaryOperator<Session> step) {
    return new Operation(name, weight, step, request, after);
  }

  /** Takes what the answer left in the session, when it passed its checks and was measured. */
  Operation after(UnaryOperator<Session> step) {
    return new Operation(name, weight, before, request, step);
  }

  /** The request as Gatling takes it, which can be made only while Gatling runs. */
  HttpRequestActionBuilder toSend() {
    return request.apply(http(name)).check(status().saveAs(ANSWERED));
  }
}
