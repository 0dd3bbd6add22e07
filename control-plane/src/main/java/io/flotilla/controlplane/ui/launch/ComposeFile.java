package io.flotilla.controlplane.ui.launch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * Reads one service of a Compose file into the launch form. Keys and their forms follow the Compose specification. Whatever
 * has no counterpart is named, never dropped in silence; keys that begin with {@code x-} are nobody's business.
 *
 * @param services all that the file has, in its order
 * @param service the one that the form is filled from; empty if there is none
 * @param form what could be carried over
 * @param left one sentence for each key that could not
 */
record ComposeFile(List<String> services, String service, LaunchForm form, List<String> left) {

    private static final Pattern BEGINNING =
            Pattern.compile("^(services|version|name|x-[^:\\s]+)\\s*:", Pattern.MULTILINE);
    private static final int MOST_CHARACTERS = 256 * 1024;

    /** Whether a pasted text means to be such a file, and not a command line. */
    static boolean looksLike(String text) {
        return BEGINNING.matcher(text).find();
    }

    /**
     * @param wanted the service to fill the form from; the first one if it is null or not there
     * @param team that the form belongs to
     */
    static ComposeFile read(String text, @Nullable String wanted, String team) {
        LaunchForm empty = LaunchForm.empty().with("team", team);
        Map<String, Object> file;
        try {
            file = map(parse(text));
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            return nothing(empty, "Line " + line + ": " + e.getProblem() + ".");
        } catch (YAMLException e) {
            return nothing(empty, "The file cannot be read: " + e.getMessage());
        }
        Map<String, Object> services = map(file.get("services"));
        if (services.isEmpty()) {
            return nothing(empty, "The file has no services.");
        }
        List<String> names = List.copyOf(services.keySet());
        String service = wanted != null && names.contains(wanted) ? wanted : names.getFirst();
        RunOptions options = new RunOptions(empty);
        for (String key : file.keySet()) {
            if (!List.of("services", "version", "name").contains(key) && !key.startsWith("x-")) {
                options.leave(key + " of the file is not supported.");
            }
        }
        new ComposeService(options).read(service, map(services.get(service)));
        return new ComposeFile(names, service, options.form(), options.left());
    }

    private static ComposeFile nothing(LaunchForm empty, String why) {
        return new ComposeFile(List.of(), "", empty, List.of(why));
    }

    private static Object parse(String text) {
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

    /** A mapping with its keys as text; empty for anything else. Other keys are not written out: aliases may make them huge. */
    static Map<String, Object> map(@Nullable Object value) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> given) {
            given.forEach((key, inner) ->
                    map.put(key instanceof String name ? name : "a key that is no text", inner == null ? "" : inner));
        }
        return map;
    }

    /** A sequence, or a single value as one of its own. */
    static List<Object> list(Object value) {
        return value instanceof List<?> given ? new ArrayList<>(given) : List.of(value);
    }
}
