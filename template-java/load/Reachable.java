import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Ends with one sentence and exit code 1 when no service answers at the address given. */
final class Reachable {
  private Reachable() {}

  public static void main(String[] args) throws InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(args[0] + "/readyz")).timeout(Duration.ofSeconds(3));
    try (var client = HttpClient.newHttpClient()) {
      var answer = client.send(request.build(), HttpResponse.BodyHandlers.discarding());
      if (answer.statusCode() == 200) {
        return;
      }
      System.err.printf("The service at %s is not ready (%d).%n", args[0], answer.statusCode());
    } catch (IOException _) {
      System.err.printf("No service answers at %s; start it with make run.%n", args[0]);
    }
    System.exit(1);
  }
}
