package load;

import io.gatling.app.Gatling$;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * {@code make load}: has Gatling run the load that slo.yaml describes, and judges it. The exit code
 * is 0 when every limit held, 1 when one is broken, and 2 when there was no load at all.
 */
final class Main {
  private static final Path REPORTS = Path.of("load", "report");

  private Main() {}

  public static void main(String[] args) {
    int code;
    try {
      code = run();
    } catch (Mistake e) {
      System.err.println("make load: " + e.getMessage());
      code = 2;
    }
    System.exit(code);
  }

  private static int run() throws Mistake {
    Run run = Run.prepare(Path.of("slo.yaml"));
    checkReady(run.baseUrl());
    Operations.prepare(run.baseUrl());
    System.out.printf(
        "%s: %d requests to %s in %.0f s, after a warm-up of %.0f s%n",
        Run.profile(),
        run.plan().offered(),
        run.baseUrl(),
        run.plan().seconds() - run.slo().warmUpSeconds(),
        run.slo().warmUpSeconds());
    int code = runGatling();
    var verdict = new Verdict(run);
    System.out.println();
    verdict.lines().forEach(System.out::println);
    if (verdict.held() && code != 0) {
      System.out.println("BROKEN an assertion of Gatling, told above");
    }
    System.out.println("report: " + newestReport().resolve("index.html"));
    return verdict.held() && code == 0 ? 0 : 1;
  }

  private static int runGatling() throws Mistake {
    try {
      return Gatling$.MODULE$.fromArgs(
          new String[] {"-s", ServiceLoad.class.getName(), "-rf", REPORTS.toString()});
    } catch (Exception e) { // Scala declares none, and throws checked ones too
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new Mistake("Gatling cannot run load/src/load/Operations.java: " + cause.getMessage());
    }
  }

  private static void checkReady(String baseUrl) throws Mistake {
    var probe =
        HttpRequest.newBuilder(URI.create(baseUrl + "/readyz"))
            .timeout(Duration.ofSeconds(5))
            .build();
    try (var client = HttpClient.newHttpClient()) {
      int status = client.send(probe, BodyHandlers.discarding()).statusCode();
      if (status != 200) {
        throw new Mistake("the service at %s is not ready (%d)".formatted(baseUrl, status));
      }
    } catch (IOException _) {
      throw new Mistake("no service answers at " + baseUrl + "; start it with make run");
    } catch (InterruptedException _) {
      throw new Mistake("stopped before the service answered");
    }
  }

  private static Path newestReport() throws Mistake {
    try (Stream<Path> folders = Files.list(REPORTS)) {
      return folders.max(Comparator.comparing(path -> path.toFile().lastModified())).orElseThrow();
    } catch (IOException e) {
      throw new Mistake("the report cannot be found: " + e);
    }
  }
}
