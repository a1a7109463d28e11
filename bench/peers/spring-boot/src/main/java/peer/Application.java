// A stand-in for the service that Spring Initializr starts (Spring Web, Actuator), with the routes the suite asks for.
// Bound and written as the reference documentation shows it; the server, its threads and limits are Spring Boot's defaults.
package peer;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

@SpringBootApplication
@RestController
public class Application {
  private final RestClient client = RestClient.create();
  private final String upstream;

  Application(@Value("${upstream.url}") String upstream) {
    this.upstream = upstream;
  }

  public static void main(String[] arguments) {
    SpringApplication.run(Application.class, arguments);
  }

  record Item(String name) {}

  record Slept(double seconds) {}

  @GetMapping("/")
  String hello() {
    return "Hello World";
  }

  @GetMapping("/delay/{seconds}")
  Slept delay(@PathVariable double seconds) throws InterruptedException {
    Thread.sleep((long) (seconds * 1000));
    return new Slept(seconds);
  }

  @PostMapping("/upload")
  Item upload(@RequestBody Item item) {
    return item;
  }

  @GetMapping("/outbound")
  String outbound() {
    return client.get().uri(upstream).retrieve().body(String.class);
  }
}
