package load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What slo.yaml says of a load test: a limit for each operation, and the steps of one profile. */
record Slo(
    Map<String, Objective> objectives,
    double warmUpSeconds,
    double leastAchieved,
    List<Step> steps) {
  /** A promise: the time of 99 of 100 requests, and the share of requests that must not fail. */
  record Objective(double p99Ms, double availability) {
    /** The share of requests that may fail; in decimals, for 1 - 0.999 is not quite 0.001. */
    double failures() {
      return BigDecimal.ONE.subtract(BigDecimal.valueOf(availability)).doubleValue();
    }
  }

  /** A constant rate for some seconds. */
  record Step(double seconds, double requestsPerSecond) {}

  private static final YAMLMapper YAML =
      new YAMLMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  static Slo read(Path file, String profile) throws Mistake {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException _) {
      throw new Mistake("there is no " + file + "; it says the limits and rates of the load test");
    } catch (IOException e) {
      throw new Mistake(file + " cannot be read: " + e);
    }
    return parse(text, profile);
  }

  static Slo parse(String text, String profile) throws Mistake {
    JsonNode root = tree(text);
    Map<String, Objective> objectives = new HashMap<>();
    for (JsonNode entry : list(root.path("objectives"), "objectives")) {
      JsonNode name = entry.path("name");
      if (!name.isTextual()) {
        throw new Mistake("slo.yaml: an entry of objectives has no name");
      }
      String of = "of the objective " + name.textValue();
      var objective =
          new Objective(
              positive(entry.path("p99_ms"), "p99_ms " + of),
              share(entry.path("availability"), "availability " + of));
      if (objectives.put(name.textValue(), objective) != null) {
        throw new Mistake("slo.yaml: two objectives are named " + name.textValue());
      }
    }
    JsonNode load = root.path("load");
    return new Slo(
        objectives,
        positiveOrZero(load.path("warm_up_seconds"), "load.warm_up_seconds"),
        share(load.path("least_achieved"), "load.least_achieved"),
        steps(load.path("profiles"), profile));
  }

  private static JsonNode tree(String text) throws Mistake {
    try {
      JsonNode root = YAML.readTree(text);
      if (!root.isObject()) {
        throw new Mistake("slo.yaml is no mapping of YAML with objectives and load");
      }
      return root;
    } catch (JsonProcessingException e) {
      var place = e.getLocation();
      String line = place == null ? "" : ", line " + place.getLineNr();
      String reason = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new Mistake("slo.yaml" + line + " cannot be read as YAML: " + reason);
    }
  }

  private static List<Step> steps(JsonNode profiles, String profile) throws Mistake {
    if (!profiles.has(profile)) {
      List<String> names = new ArrayList<>();
      profiles.fieldNames().forEachRemaining(names::add);
      throw new Mistake(
          "slo.yaml has no profile named '%s' below load.profiles; it has %s"
              .formatted(profile, names.isEmpty() ? "none" : String.join(", ", names)));
    }
    List<Step> steps = new ArrayList<>();
    for (JsonNode step : list(profiles.path(profile), "load.profiles." + profile)) {
      String of = "of step " + (steps.size() + 1) + " of the profile " + profile;
      steps.add(
          new Step(
              positive(step.path("seconds"), "seconds " + of),
              positive(step.path("requests_per_second"), "requests_per_second " + of)));
    }
    return steps;
  }

  private static JsonNode list(JsonNode node, String what) throws Mistake {
    if (!node.isArray() || node.isEmpty()) {
      throw new Mistake("slo.yaml: " + what + " must be a list with at least one entry");
    }
    return node;
  }

  private static double positive(JsonNode node, String what) throws Mistake {
    return number(node, what, "a positive number", Double.MIN_VALUE, Double.MAX_VALUE);
  }

  private static double positiveOrZero(JsonNode node, String what) throws Mistake {
    return number(node, what, "0 or a positive number", 0, Double.MAX_VALUE);
  }

  private static double share(JsonNode node, String what) throws Mistake {
    return number(node, what, "a number above 0 and at most 1", Double.MIN_VALUE, 1);
  }

  private static double number(JsonNode node, String what, String wanted, double from, double to)
      throws Mistake {
    double value = node.isNumber() ? node.doubleValue() : Double.NaN;
    if (value >= from && value <= to) {
      return value;
    }
    String found = node.isMissingNode() ? "it is missing" : "not " + node;
    throw new Mistake("slo.yaml: " + what + " must be " + wanted + "; " + found);
  }
}
