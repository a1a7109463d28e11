package load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code make profile}: runs this service under the load of a profile of slo.yaml, with the JVM's
 * own recorder on, and draws where the time goes and what the memory holds. A broken limit is told
 * but fails nothing: the recorder weighs too.
 */
final class Profile {
  private static final Path FOLDER = Path.of("profile");
  private static final Path RECORDING = FOLDER.resolve("recording.jfr");
  private static final Path TIME = FOLDER.resolve("cpu.html");
  private static final Path ALLOCATIONS = FOLDER.resolve("allocations.html");
  private static final Path MEMORY = FOLDER.resolve("memory.txt");
  private static final int CLASSES_TOLD = 100;

  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");
  // Linux counts the time on a CPU, in native code too. Elsewhere threads in Java code are looked
  // at; in native code it would be all of them, those that wait too.
  private static final List<String> SAMPLING =
      LINUX
          ? List.of(
              "jdk.NativeMethodSample#enabled=false",
              "jdk.CPUTimeSample#enabled=true",
              "jdk.CPUTimeSample#throttle=2ms")
          : List.of("jdk.NativeMethodSample#enabled=false");
  private static final String CONVERTER = "load/target/jfr-converter.jar";
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private Profile() {}

  public static void main(String[] args) throws InterruptedException {
    int code = 0;
    try {
      run();
    } catch (Mistake e) {
      if (!Children.ending()) {
        System.err.println("make profile: " + e.getMessage());
      }
      code = 2;
    }
    System.exit(code); // the service ends now, with all that Children has
  }

  private static void run() throws Mistake, InterruptedException {
    Slo.read(Path.of("slo.yaml"), Run.profile());
    prepareFolder();
    ProfiledService service = ProfiledService.start();
    List<String> record = new ArrayList<>(List.of("JFR.start", "name=load", "settings=profile"));
    record.addAll(SAMPLING);
    service.ask(record.toArray(String[]::new));
    int load = load(service.address());
    if (load > 1) {
      throw new Mistake("there was no load to profile, as told above");
    }
    Path recording = Children.folder().resolve("recording.jfr");
    service.ask("JFR.dump", "name=load", "filename=" + recording);
    String peak = service.peakMemory();
    String memory = memory(service, peak);
    draw(recording, TIME, LINUX ? "--cpu-time" : "--total", "--title", "CPU time under load");
    draw(recording, ALLOCATIONS, "--alloc", "--total", "--title", "Bytes allocated under load");
    write(memory, recording);
    tell(load, peak);
  }

  /** Leaves nothing of the run before, so that what is there is of this one. */
  private static void prepareFolder() throws Mistake {
    try {
      Files.createDirectories(FOLDER);
      for (Path file : List.of(RECORDING, TIME, ALLOCATIONS, MEMORY, ProfiledService.LOG)) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new Mistake("the folder " + FOLDER + " cannot be prepared: " + e);
    }
  }

  private static int load(String address) throws Mistake, InterruptedException {
    var builder =
        new ProcessBuilder(
            JAVA,
            "@load/jvm.options",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    builder.environment().put("BASE_URL", address);
    return Children.start(builder.inheritIO()).waitFor();
  }

  private static String memory(ProfiledService service, String peak)
      throws Mistake, InterruptedException {
    String classes =
        service
            .ask("GC.class_histogram")
            .lines()
            .limit(CLASSES_TOLD)
            .collect(Collectors.joining("\n"));
    return """
    Peak of the process's memory (RSS): %s

    == What the JVM asked the system for, by its parts ==
    %s
    == What is on the heap, by class: the largest ==
    %s
    """
        .formatted(peak, service.ask("VM.native_memory", "summary"), classes);
  }

  private static void draw(Path recording, Path picture, String... options)
      throws Mistake, InterruptedException {
    List<String> command = new ArrayList<>(List.of(JAVA, "-jar", CONVERTER));
    command.addAll(List.of(options));
    command.addAll(List.of(recording.toString(), picture.toString()));
    var builder = new ProcessBuilder(command);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    if (Children.start(builder).waitFor() != 0) {
      throw new Mistake(picture + " cannot be drawn, as told above");
    }
  }

  private static void write(String memory, Path recording) throws Mistake {
    try {
      Files.writeString(MEMORY, memory);
      Files.move(recording, RECORDING, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new Mistake("the folder " + FOLDER + " cannot be written: " + e);
    }
  }

  private static void tell(int load, String peak) {
    System.out.printf(
        """

        %s: where the time goes; open it in a browser, a click on a frame goes deeper
        %s: who asks for memory, read alike
        %s: the process had %s at most; its parts, and the classes on the heap
        %s: all of it; jfr view FILE lists views of it, JDK Mission Control shows it
        %s: what the service logged
        """,
        TIME, ALLOCATIONS, MEMORY, peak, RECORDING, ProfiledService.LOG);
    if (load != 0) {
      System.out.println(
          "a limit was broken, as told above; under the profiler that is no failure");
    }
  }
}
