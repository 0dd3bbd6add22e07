import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Adds up what Surefire reported in every module, and fails when a test was skipped that should have run on this kind of
 * machine. Run as a single source file: {@code java e2e/TestTotals.java ROOT}.
 *
 * <p>{@code e2e/expected-skips/KIND.txt} lists what may be skipped: a regular expression over {@code Class.method: reason}
 * per line, after {@code #} comments that say why. KIND is {@code root} or {@code user}; FLOTILLA_MACHINE overrides it.
 */
final class TestTotals {

    private int run;
    private int failures;
    private int errors;
    private final List<String> skips = new ArrayList<>();

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]).toRealPath();
        TestTotals totals = new TestTotals();
        try (Stream<Path> files = Files.find(root, 4, (path, type) -> path.getParent().endsWith("target/surefire-reports")
                && path.getFileName().toString().matches("TEST-.*\\.xml"))) {
            for (Path file : files.sorted().toList()) {
                totals.add(file);
            }
        }
        boolean unexpected = totals.reportSkips(root.resolve("e2e/expected-skips"));
        System.out.printf(
                "%nTests run: %d, Failures: %d, Errors: %d, Skipped: %d%n",
                totals.run, totals.failures, totals.errors, totals.skips.size());
        if (totals.run == 0 || totals.failures + totals.errors > 0 || unexpected) {
            System.exit(1);
        }
    }

    private void add(Path report) throws Exception {
        Element suite = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(report.toFile())
                .getDocumentElement();
        run += number(suite, "tests");
        failures += number(suite, "failures");
        errors += number(suite, "errors");
        NodeList cases = suite.getElementsByTagName("testcase");
        for (int i = 0; i < cases.getLength(); i++) {
            Element test = (Element) cases.item(i);
            NodeList skipped = test.getElementsByTagName("skipped");
            if (skipped.getLength() > 0) {
                skips.add(test.getAttribute("classname") + "." + test.getAttribute("name") + ": "
                        + reason((Element) skipped.item(0)));
            }
        }
    }

    /** Of an annotation it is an attribute, of a failed assumption the first line of its trace. */
    private static String reason(Element skipped) {
        String message = skipped.getAttribute("message");
        return message.isEmpty() ? skipped.getTextContent().strip().lines().findFirst().orElse("") : message;
    }

    private static int number(Element suite, String attribute) {
        return Integer.parseInt(suite.getAttribute(attribute));
    }

    private boolean reportSkips(Path expectations) throws IOException {
        String kind = System.getenv().getOrDefault("FLOTILLA_MACHINE", "root".equals(System.getProperty("user.name")) ? "root" : "user");
        Path file = expectations.resolve(kind + ".txt");
        List<Pattern> expected = Files.readAllLines(file, UTF_8).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Pattern::compile)
                .toList();
        TreeMap<Boolean, List<String>> byExpectation = new TreeMap<>();
        for (String skip : skips) {
            boolean known = expected.stream().anyMatch(pattern -> pattern.matcher(skip).find());
            byExpectation.computeIfAbsent(known, any -> new ArrayList<>()).add(skip);
        }
        byExpectation.getOrDefault(true, List.of()).forEach(skip -> System.out.println("skipped as expected: " + skip));
        List<String> unexpected = byExpectation.getOrDefault(false, List.of());
        unexpected.forEach(skip -> System.out.println("SKIPPED, but not expected on a \"" + kind + "\" machine: " + skip));
        return !unexpected.isEmpty();
    }
}
