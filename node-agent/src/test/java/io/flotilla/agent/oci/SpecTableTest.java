package io.flotilla.agent.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds docs/runtime-spec.md true: a field that is new in the model is missing there until somebody writes down its state. */
class SpecTableTest {

    private static final Path TABLE = Path.of("../docs/runtime-spec.md");
    private static final Path TESTS = Path.of("src/test/java");

    private record Row(String field, String state, String kernel, String test) {}

    private static List<Row> rows() throws IOException {
        assumeTrue(Files.exists(TABLE), "needs the module's directory as the working directory");
        return Files.readAllLines(TABLE).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line ->
                        Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
                .map(cells -> new Row(cells.get(1).replace("`", ""), cells.get(2), cells.get(3), cells.get(4)))
                .toList();
    }

    @Test
    void tableHasEveryFieldOfTheModelOnceAndNoOther() throws IOException {
        assertThat(rows()).extracting(Row::field).containsExactlyInAnyOrderElementsOf(SpecFields.all());
    }

    @Test
    void everyFieldIsEitherDoneOrRefusedAndFromAKernelOn() throws IOException {
        assertThat(rows()).allSatisfy(row -> {
            assertThat(row.state()).as(row.field()).matches("(done|refused|no effect)([ :;].*)?");
            assertThat(row.kernel()).as(row.field()).matches("(any|\\d+\\.\\d+)([ ;,].*)?");
        });
    }

    @Test
    void everyTestThatTheTableNamesIsThere() throws IOException {
        for (Row row : rows()) {
            String[] name = row.test().replace("`", "").split("\\.", -1);
            assertThat(name).as("%s: test %s", row.field(), row.test()).hasSize(2);
            try (Stream<Path> files = Files.walk(TESTS)) {
                Path file = files.filter(path -> path.endsWith(name[0] + ".java"))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(row.field() + ": there is no class " + name[0]));
                assertThat(Files.readString(file)).as(row.test()).contains("void " + name[1] + "(");
            }
        }
    }
}
