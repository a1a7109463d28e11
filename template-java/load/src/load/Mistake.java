package load;

/** Why there can be no load test, in one sentence that says how to mend it. */
final class Mistake extends Exception {
  private static final long serialVersionUID = 1;

  Mistake(String sentence) {
    super(sentence);
  }
}
