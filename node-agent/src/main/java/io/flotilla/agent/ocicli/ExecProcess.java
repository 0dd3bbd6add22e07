package io.flotilla.agent.ocicli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The {@code process} of an exec: a file's, or the container's own with what the options change. */
record ExecProcess(Map<String, @Nullable Object> config, Options options) {

    private static final String[] SETS = {"bounding", "effective", "permitted"};

    Map<String, @Nullable Object> make() throws IOException {
        String file = options.value("process");
        if (file != null) {
            return Json.object(file, Files.readString(Path.of(file)));
        }
        List<String> arguments =
                options.operands().subList(1, options.operands().size());
        if (arguments.isEmpty()) {
            throw new Refused("process args cannot be empty");
        }
        Map<String, @Nullable Object> process = new LinkedHashMap<>(Json.child(config, "process"));
        process.put("args", arguments);
        process.put("terminal", options.has("tty"));
        process.remove("consoleSize");
        put(process, "cwd", "cwd");
        put(process, "apparmor", "apparmorProfile");
        put(process, "process-label", "selinuxLabel");
        if (options.has("no-new-privs")) {
            process.put("noNewPrivileges", true);
        }
        addEnvironment(process);
        addCapabilities(process);
        addUser(process);
        return process;
    }

    private void put(Map<String, @Nullable Object> process, String option, String field) {
        if (options.value(option) != null) {
            process.put(field, options.value(option));
        }
    }

    private void addEnvironment(Map<String, @Nullable Object> process) {
        process.put("env", joined(process.get("env"), options.all("env")));
    }

    private void addCapabilities(Map<String, @Nullable Object> process) {
        if (options.all("cap").isEmpty()) {
            return;
        }
        Map<String, @Nullable Object> sets = new LinkedHashMap<>(Json.child(process, "capabilities"));
        for (String set : SETS) {
            sets.put(set, joined(sets.get(set), options.all("cap")));
        }
        process.put("capabilities", sets);
    }

    private static List<Object> joined(@Nullable Object given, List<String> more) {
        List<Object> all = new ArrayList<>();
        if (given instanceof List<?> some) {
            all.addAll(some);
        }
        all.addAll(more);
        return all;
    }

    /** {@code uid} or {@code uid:gid}; names are for whoever has the container's user table. */
    private void addUser(Map<String, @Nullable Object> process) throws Refused {
        Map<String, @Nullable Object> user = new LinkedHashMap<>(Json.child(process, "user"));
        String given = options.value("user");
        if (given != null) {
            String[] ids = given.split(":", -1);
            user.put("uid", id("user", ids[0]));
            user.put("gid", ids.length > 1 ? id("user", ids[1]) : 0L);
        }
        List<Object> groups = joined(user.get("additionalGids"), List.of());
        for (String group : options.all("additional-gids")) {
            groups.add(id("additional-gids", group));
        }
        user.put("additionalGids", groups);
        process.put("user", user);
    }

    private static long id(String option, String value) throws Refused {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new Refused("--" + option + " \"" + value + "\" is no number", e);
        }
    }
}
