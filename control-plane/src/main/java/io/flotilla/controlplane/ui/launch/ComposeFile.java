package io.flotilla.controlplane.ui.launch;

import io.flotilla.controlplane.problem.FieldError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads the services of a Compose file into launch forms. Keys and their forms follow the Compose specification. Whatever
 * has no counterpart is named, never dropped in silence; keys that begin with {@code x-} are nobody's business.
 *
 * @param services all that the file has, in its order
 * @param left one sentence for each key of the file itself that could not be carried over, or why it cannot be read
 */
record ComposeFile(List<Service> services, List<String> left) {

    /**
     * One service.
     *
     * @param form what could be carried over
     * @param left one sentence for each key that could not
     * @param wrong what Compose refuses, too, by key
     * @param profiles that it belongs to; Compose leaves it out where it belongs to some
     */
    record Service(String name, LaunchForm form, List<String> left, List<FieldError> wrong, List<String> profiles) {}

    private static final Pattern BEGINNING =
            Pattern.compile("^(services|version|name|x-[^:\\s]+)\\s*:", Pattern.MULTILINE);
    private static final int MOST_CHARACTERS = 256 * 1024;

    /** Whether a pasted text means to be such a file, and not a command line. */
    static boolean looksLike(String text) {
        return BEGINNING.matcher(text).find();
    }

    /** @param team that the forms belong to */
    static ComposeFile read(String text, String team) {
        Map<String, Object> file;
        try {
            file = map(parse(text));
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            return nothing("Line " + line + ": " + e.getProblem() + ".");
        } catch (YAMLException e) {
            return nothing("The file cannot be read: " + e.getMessage());
        }
        Map<String, Object> services = map(file.get("services"));
        if (services.isEmpty()) {
            return nothing("The file has no services.");
        }
        List<String> left = file.keySet().stream()
                .filter(key -> !List.of("services", "version", "name").contains(key) && !key.startsWith("x-"))
                .map(key -> key + " of the file is not supported.")
                .toList();
        return new ComposeFile(
                services.entrySet().stream()
                        .map(service -> ComposeService.read(service.getKey(), map(service.getValue()), team))
                        .toList(),
                left);
    }

    Optional<Service> service(String name) {
        return services.stream().filter(service -> service.name().equals(name)).findFirst();
    }

    /** Those that Compose would start without being told of a profile. */
    List<Service> usual() {
        return services.stream().filter(service -> service.profiles().isEmpty()).toList();
    }

    private static ComposeFile nothing(String why) {
        return new ComposeFile(List.of(), List.of(why));
    }

    private static @Nullable Object parse(String text) {
        LoaderOptions bounds = new LoaderOptions();
        bounds.setAllowDuplicateKeys(false);
        bounds.setCodePointLimit(MOST_CHARACTERS);
        DumperOptions unused = new DumperOptions();
        return new Yaml(new SafeConstructor(bounds), new Representer(unused), unused, bounds, new AsWritten())
                .load(text);
    }

    /** Takes every plain value as text: 1.10 is a version here and 22:22 a pair of ports, whatever YAML makes of them. */
    private static final class AsWritten extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.MERGE, MERGE, "<", 10);
            addImplicitResolver(Tag.NULL, NULL, "~nN\0", 10);
            addImplicitResolver(Tag.NULL, EMPTY, null, 10);
        }
    }

    /**
     * A mapping with its keys as text and without those that have no value, which Compose takes for absent; empty for
     * anything else. Other keys are not written out: aliases may make them huge.
     */
    static Map<String, Object> map(@Nullable Object value) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> given) {
            given.forEach((key, inner) -> {
                if (inner != null) {
                    map.put(key instanceof String name ? name : "a key that is no text", inner);
                }
            });
        }
        return map;
    }

    /** A sequence, or a single value as one of its own. */
    static List<Object> list(Object value) {
        return value instanceof List<?> given ? new ArrayList<>(given) : List.of(value);
    }
}
