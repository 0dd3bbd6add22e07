package io.flotilla.agent.ocicli;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.oci.RuntimeSpec;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The program {@code flotilla-agent oci}. */
public final class Oci {

    private static final String USAGE = """
            Usage: flotilla-agent oci [OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]

              create start run state kill delete exec ps list pause resume update events spec
              features
              warm-up               prepare fast starts of all these (once after an installation)

            An OCI runtime over Flotilla's engine, with the options of runc 1.1. Options before the command:
              --root DIR            where containers are kept (/run/flotilla/oci)
              --log FILE            where errors go, beside standard error
              --log-format FORMAT   text or json
              --systemd-cgroup      control groups by systemd: refused where it is not supported
              --debug --rootless=auto --criu=PATH   taken and without effect
              --version --help
            """;

    private Oci() {}

    public static void main(String[] arguments) {
        PrintStream out = stream(FileDescriptor.out);
        int status = run(List.of(arguments), out, stream(FileDescriptor.err));
        out.flush();
        System.exit(status);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
    }

    static int run(List<String> arguments, PrintStream out, PrintStream errors) {
        Log log = new Log(null, false, errors);
        int failed = 1;
        try {
            Options global = Options.parseUpToOperand(
                    arguments,
                    "root=",
                    "log=",
                    "log-format=",
                    "systemd-cgroup",
                    "debug",
                    "rootless=",
                    "criu=",
                    "version,v",
                    "help,h");
            log = log(global, errors);
            if (global.has("version")) {
                out.println(version());
                return 0;
            }
            if (global.operands().isEmpty() || global.has("help")) {
                out.print(USAGE);
                return 0;
            }
            String word = global.operands().getFirst();
            List<String> rest = global.operands().subList(1, global.operands().size());
            Command command = command(word);
            if (command == null) {
                errors.print(USAGE);
                throw new Refused("no such command: \"" + word + "\"");
            }
            failed = command.failed();
            return command.run(new Context(states(global), log, out), rest);
        } catch (IOException | RuntimeException e) {
            log.error(message(e));
            return failed;
        }
    }

    private static Log log(Options global, PrintStream errors) throws Refused {
        String file = global.value("log");
        String format = global.value("log-format");
        if (format != null && !format.equals("text") && !format.equals("json")) {
            throw new Refused("unknown log-format \"" + format + "\": neither text nor json");
        }
        return new Log(file == null ? null : Path.of(file), "json".equals(format), errors);
    }

    private static States states(Options global) throws Refused {
        if (global.has("systemd-cgroup")) {
            throw new Refused("--systemd-cgroup is not supported: give control groups as paths (cgroupfs)");
        }
        String root = global.value("root");
        Path path = root == null ? AgentPaths.DEFAULT_RUNTIME_BASE.resolve("oci") : Path.of(root);
        return new States(path.toAbsolutePath().normalize());
    }

    private static String version() {
        return "flotilla-agent oci version " + builtVersion() + "\nspec: " + RuntimeSpec.VERSION;
    }

    static String builtVersion() {
        String built = Oci.class.getPackage().getImplementationVersion();
        return built == null ? "0" : built;
    }

    private static @Nullable Command command(String word) {
        return switch (word) {
            case "create" -> new Create();
            case "start" -> new Start();
            case "run" -> new Run();
            case "state" -> new StateCommand();
            case "list" -> new Listing();
            case "kill" -> new Kill();
            case "delete" -> new Delete();
            case "ps" -> new Ps();
            case "exec" -> new Exec();
            case "pause" -> new Pause(false);
            case "resume" -> new Pause(true);
            case "update" -> new Update();
            case "events" -> new Events();
            case "warm-up" -> new WarmUp();
            case "spec" -> new SpecTemplate();
            case "features" -> new FeaturesCommand();
            default -> null;
        };
    }

    private static String message(Exception failure) {
        boolean ours = failure.getMessage() != null && !(failure instanceof NullPointerException);
        return ours ? String.valueOf(failure.getMessage()) : "failed: " + failure;
    }
}
