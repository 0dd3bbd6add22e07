package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.problem.FieldError;
import io.flotilla.controlplane.problem.ProblemException;
import io.flotilla.controlplane.schedule.HostPort;
import io.flotilla.protocol.AllocationSpec.Isolation;
import io.flotilla.protocol.AllocationSpec.Network;
import io.flotilla.protocol.Capabilities;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.InvalidField;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.Resources;
import io.flotilla.protocol.RestartPolicy;
import io.flotilla.protocol.Signals;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks a request field by field and gathers everything that is wrong with it. */
final class RequestReader {

    static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    static final int MOST_REPLICAS = 1000;

    private static final Pattern ENV_NAME = Pattern.compile("[^=\\x00]{1,255}");
    private static final int MOST_PORTS = 64;
    private static final int MOST_TEXT = 64 * 1024;
    private static final long DEFAULT_CPU_MILLIS = 250;
    private static final long DEFAULT_PIDS = 512;
    private static final long DEFAULT_GRACE_MILLIS = 10_000;

    /** A request whose every field is in order; the image is not resolved yet. */
    record Checked(
            String name,
            Kind kind,
            int replicas,
            Function<ImageResolver.Resolved, RevisionSpec> spec,
            ImageName image) {}

    private final WorkloadRequest request;
    private final List<FieldError> errors = new ArrayList<>();

    RequestReader(WorkloadRequest request) {
        this.request = request;
    }

    /**
     * @param defaultReplicas where the request names none
     * @throws ProblemException with every field that is wrong
     */
    Checked read(int defaultReplicas) {
        String name = required("name", request.name(), this::name);
        Kind kind = required("kind", request.kind(), word -> word("kind", word, Kind.class));
        ImageName image = required("image", request.image(), RequestReader::image);
        int replicas = replicas(request.replicas() == null ? defaultReplicas : request.replicas());
        Resources resources = resources();
        List<PortMapping> ports = ports();
        Network network =
                optional("network", request.network(), Network.BRIDGE, w -> word("network", w, Network.class));
        Isolation userns =
                optional("userns", request.userns(), Isolation.PRIVATE, w -> word("userns", w, Isolation.class));
        RestartPolicy usual = kind == Kind.JOB ? RestartPolicy.NEVER : RestartPolicy.ALWAYS;
        RestartPolicy restart =
                optional("restart", request.restart(), usual, w -> word("restart", w, RestartPolicy.class));
        Map<String, String> env = env();
        texts();
        if (network != Network.BRIDGE && !ports.isEmpty()) {
            wrong("ports", "can only be published with network bridge");
        }
        if (!errors.isEmpty() || name == null || kind == null || image == null || resources == null) {
            throw ProblemException.invalid(errors);
        }
        return new Checked(
                name,
                kind,
                replicas,
                resolved -> spec(image, resolved, resources, ports, restart, userns, network, env),
                image);
    }

    private RevisionSpec spec(
            ImageName image,
            ImageResolver.Resolved resolved,
            Resources resources,
            List<PortMapping> ports,
            RestartPolicy restart,
            Isolation userns,
            Network network,
            Map<String, String> env) {
        return new RevisionSpec(
                image,
                resolved.digest(),
                resolved.architectures(),
                request.command(),
                request.args(),
                env,
                request.workingDir(),
                request.user(),
                request.hostName(),
                is(request.tty()),
                is(request.stdin()),
                resources,
                ports,
                restart,
                is(request.singleton()),
                orEmpty(request.constraints()),
                request.stopSignal(),
                request.stopGraceMillis() == null ? DEFAULT_GRACE_MILLIS : request.stopGraceMillis(),
                userns,
                network,
                is(request.readOnlyRootfs()),
                capabilities(request.capAdd()),
                capabilities(request.capDrop()));
    }

    private static boolean is(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> values) {
        return values == null ? Map.of() : values;
    }

    private static List<String> capabilities(@Nullable List<String> names) {
        return names == null
                ? List.of()
                : names.stream().map(name -> name.replaceFirst("^CAP_", "")).toList();
    }

    private void wrong(String field, String detail) {
        errors.add(new FieldError(field, detail));
    }

    private <T> @Nullable T required(String field, @Nullable String text, Function<String, @Nullable T> read) {
        if (text == null || text.isBlank()) {
            wrong(field, "is required");
            return null;
        }
        return checked(field, () -> read.apply(text));
    }

    private <T> T optional(String field, @Nullable String text, T usual, Function<String, @Nullable T> read) {
        if (text == null) {
            return usual;
        }
        return Optional.ofNullable(checked(field, () -> read.apply(text))).orElse(usual);
    }

    /** What a value type says of a bad value becomes the field's error. */
    private <T> @Nullable T checked(String field, Supplier<@Nullable T> read) {
        try {
            return read.get();
        } catch (ProblemException e) {
            errors.addAll(e.fields());
        } catch (InvalidField e) {
            wrong(e.field().contains(".") || field.isEmpty() ? e.field() : field, e.detail());
        } catch (IllegalArgumentException e) {
            wrong(field, sentence(e));
        }
        return null;
    }

    private static String sentence(Exception e) {
        return Optional.ofNullable(e.getMessage()).orElse("is not valid");
    }

    private static ImageName image(String text) {
        return ImageName.parse(text);
    }

    private String name(String text) {
        if (!NAME.matcher(text).matches()) {
            wrong(
                    "name",
                    "\"" + text + "\" must be 1 to 63 lower-case letters, digits and hyphens, beginning and ending with"
                            + " none of the last");
        }
        return text;
    }

    private <E extends Enum<E>> @Nullable E word(String field, String text, Class<E> type) {
        for (E constant : type.getEnumConstants()) {
            if (wordOf(constant).equals(text)) {
                return constant;
            }
        }
        List<String> known = java.util.Arrays.stream(type.getEnumConstants())
                .map(RequestReader::wordOf)
                .toList();
        wrong(field, "\"" + text + "\" is not one of " + String.join(", ", known));
        return null;
    }

    private static String wordOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private int replicas(int replicas) {
        if (replicas < 0 || replicas > MOST_REPLICAS) {
            wrong("replicas", replicas + " must be from 0 to " + MOST_REPLICAS);
        }
        return replicas;
    }

    private @Nullable Resources resources() {
        WorkloadRequest.ResourcesRequest asked = request.resources();
        if (asked == null) {
            return new Resources(
                    DEFAULT_CPU_MILLIS, WorkloadRequest.ResourcesRequest.USUAL_MEMORY, null, null, 0, DEFAULT_PIDS);
        }
        return checked(
                "",
                () -> new Resources(
                        asked.cpu() == null ? DEFAULT_CPU_MILLIS : Quantities.cpuMillis("resources.cpu", asked.cpu()),
                        bytes("resources.memory", asked.memory(), WorkloadRequest.ResourcesRequest.USUAL_MEMORY),
                        asked.cpuShares(),
                        asked.memoryReservation() == null
                                ? null
                                : Long.valueOf(
                                        Quantities.bytes("resources.memoryReservation", asked.memoryReservation())),
                        bytes("resources.swap", asked.swap(), 0),
                        asked.pids() == null ? DEFAULT_PIDS : asked.pids()));
    }

    private static long bytes(String field, @Nullable Object value, long usual) {
        return value == null ? usual : Quantities.bytes(field, value);
    }

    private List<PortMapping> ports() {
        List<PortMapping> ports = new ArrayList<>();
        List<WorkloadRequest.PortRequest> asked = request.ports() == null ? List.of() : request.ports();
        if (asked.size() > MOST_PORTS) {
            wrong("ports", "can be at most " + MOST_PORTS);
            return ports;
        }
        Set<HostPort> hosts = new HashSet<>();
        for (int i = 0; i < asked.size(); i++) {
            String field = "ports[" + i + "]";
            WorkloadRequest.PortRequest port = asked.get(i);
            if (port == null) {
                wrong(field, "must be an object, as in {\"container\":80}");
                continue;
            }
            PortMapping.Protocol protocol = optional(
                    field + ".protocol",
                    port.protocol(),
                    PortMapping.Protocol.TCP,
                    w -> word(field + ".protocol", w, PortMapping.Protocol.class));
            Integer container = port.container();
            Integer host = port.host();
            boolean containerValid = inRange(field + ".container", container, true);
            boolean hostValid = inRange(field + ".host", host, false);
            if (host != null && !hosts.add(new HostPort(host, protocol))) {
                wrong(field + ".host", host + "/" + protocol.word() + " is asked for twice");
            }
            if (containerValid && hostValid && container != null) {
                ports.add(new PortMapping(container, host, protocol));
            }
        }
        return ports;
    }

    private boolean inRange(String field, @Nullable Integer port, boolean required) {
        if (port == null && !required) {
            return true;
        }
        if (port == null || port < 1 || port > 65_535) {
            wrong(field, (port == null ? "is required and" : port) + " must be from 1 to 65535");
            return false;
        }
        return true;
    }

    private Map<String, String> env() {
        Map<String, String> env = orEmpty(request.env());
        env.forEach((name, value) -> {
            if (!ENV_NAME.matcher(name).matches()) {
                wrong("env", "name \"" + name + "\" must be 1 to 255 characters without \"=\"");
            } else if (hasNul(value)) {
                wrong("env." + name, "must be text without a NUL character");
            }
        });
        return env;
    }

    private void texts() {
        list("command", request.command());
        list("args", request.args());
        text("workingDir", request.workingDir());
        text("user", request.user());
        text("hostName", request.hostName());
        if (request.command() != null
                && (request.command().isEmpty() || "".equals(request.command().getFirst()))) {
            wrong("command", "must not be empty; leave it out to run the image's own");
        }
        String directory = request.workingDir();
        if (directory != null && !directory.startsWith("/")) {
            wrong("workingDir", "\"" + directory + "\" must be an absolute path");
        }
        String host = request.hostName();
        if (host != null && !NAME.matcher(host).matches()) {
            wrong("hostName", "\"" + host + "\" must be 1 to 63 lower-case letters, digits and hyphens");
        }
        String signal = request.stopSignal();
        if (signal != null && Signals.number(signal).isEmpty()) {
            wrong("stopSignal", "\"" + signal + "\" must be a signal's name, as in SIGTERM, or its number");
        }
        Long grace = request.stopGraceMillis();
        if (grace != null && (grace < 0 || grace > 3_600_000)) {
            wrong("stopGraceMillis", grace + " must be from 0 to 3600000");
        }
        matching("capAdd", request.capAdd());
        matching("capDrop", request.capDrop());
        orEmpty(request.constraints()).forEach((name, value) -> {
            if (value == null || value.isBlank() || name.isBlank()) {
                wrong("constraints", "must be an object of label names and values");
            }
        });
    }

    private void matching(String field, @Nullable List<String> names) {
        for (String name : names == null ? List.<String>of() : names) {
            if (name == null || !Capabilities.isKnown(name)) {
                wrong(field, "\"" + name + "\" is not a capability's name, as in NET_ADMIN");
            }
        }
    }

    private void list(String field, @Nullable List<String> words) {
        for (String word : words == null ? List.<String>of() : words) {
            if (hasNul(word)) {
                wrong(field, "must be a list of texts without NUL characters");
                return;
            }
        }
    }

    private void text(String field, @Nullable String text) {
        if (text != null && (text.isBlank() || hasNul(text))) {
            wrong(field, "must be text without NUL characters; leave it out to use the image's");
        }
    }

    /** JSON null inside a list or map arrives here as null in spite of the declared types. */
    private static boolean hasNul(@Nullable String text) {
        return text == null || text.indexOf('\0') >= 0 || text.length() > MOST_TEXT;
    }
}
