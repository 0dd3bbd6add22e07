package io.flotilla.protocol;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command to run in a running container.
 *
 * @param argv empty: a shell found in the image ({@code bash}, else {@code sh})
 * @param user {@code user[:group]}; null: the container's
 * @param columns and rows: the terminal's first size, when tty
 */
public record ExecSpec(
        List<String> argv,
        Map<String, String> env,
        @Nullable String user,
        boolean tty,
        int columns,
        int rows) {

    public ExecSpec {
        argv = List.copyOf(argv);
        env = Map.copyOf(env);
    }
}
