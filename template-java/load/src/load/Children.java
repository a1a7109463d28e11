package load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The processes and folders that must not outlive this program: they end with it, the last first,
 * also by Ctrl-C.
 */
final class Children {
  private static final long PATIENCE_SECONDS = 30;

  private static final BlockingDeque<Runnable> ENDS = new LinkedBlockingDeque<>();

  private static volatile boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Children::end));
  }

  private Children() {}

  private static void end() {
    synchronized (ENDS) {
      ending = true; // nothing is started from here on
    }
    ENDS.forEach(Runnable::run);
  }

  /** Whether this program was stopped, so that what fails now is no news. */
  static boolean ending() {
    return ending;
  }

  static Process start(ProcessBuilder builder) throws Mistake {
    try {
      synchronized (ENDS) {
        if (ending) {
          throw new Mistake("stopped");
        }
        Process process = builder.start();
        ENDS.addFirst(() -> end(process));
        return process;
      }
    } catch (IOException e) {
      throw new Mistake(builder.command().getFirst() + " cannot be started: " + e.getMessage());
    }
  }

  static Path folder() throws Mistake {
    try {
      Path folder = Files.createTempDirectory("profile");
      ENDS.addFirst(() -> remove(folder));
      return folder;
    } catch (IOException e) {
      throw new Mistake("a temporary folder cannot be made: " + e);
    }
  }

  private static void end(Process process) {
    try {
      process.toHandle().destroy();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
    }
  }

  private static void remove(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
