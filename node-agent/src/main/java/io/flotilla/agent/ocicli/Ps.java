package io.flotilla.agent.ocicli;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code ps}: the container's processes, as ps(1) of the host shows them, or as a list of process ids. */
final class Ps implements Command {

    @Override
    public int run(Context context, List<String> arguments) throws IOException {
        Options options = Options.parse(arguments, "format,f=");
        if (options.operands().isEmpty()) {
            throw new Refused("\"oci ps\" requires a container's id");
        }
        List<Long> pids =
                Target.of(context, options.operands().getFirst()).group().processes();
        String format = options.value("format");
        if ("json".equals(format)) {
            context.out().println(Json.write(pids, false));
        } else if (format == null || format.equals("table")) {
            List<String> more = options.operands().subList(1, options.operands().size());
            table(context, pids, more.isEmpty() ? List.of("-ef") : more);
        } else {
            throw new Refused("invalid format option: --format \"" + format + "\" is neither table nor json");
        }
        return 0;
    }

    private static void table(Context context, List<Long> pids, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ps"));
        command.addAll(arguments);
        Process ps = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = ps.inputReader()) {
            String header = lines.readLine();
            int column = header == null
                    ? -1
                    : List.of(header.strip().split("\\s+", -1)).indexOf("PID");
            if (header == null || column < 0) {
                throw new Refused("ps " + String.join(" ", arguments) + " prints no column PID");
            }
            context.out().println(header);
            String line;
            while ((line = lines.readLine()) != null) {
                String[] fields = line.strip().split("\\s+", -1);
                if (column < fields.length && pids.contains(Long.valueOf(fields[column]))) {
                    context.out().println(line);
                }
            }
        }
    }
}
