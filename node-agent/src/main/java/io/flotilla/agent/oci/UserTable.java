package io.flotilla.agent.oci;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An image's /etc/passwd and /etc/group, which are hostile input. A number is an id and never looked up as a name
 * (CVE-2022-36109's class); ids from 2^31 on are refused, since the kernel and C libraries disagree about them
 * (CVE-2024-40635's). Lines that do not parse are skipped, as C libraries do.
 */
public final class UserTable {

    static final long LAST_ID = Integer.MAX_VALUE;

    private final List<User> users = new ArrayList<>();
    private final List<Group> groups = new ArrayList<>();

    private record User(String name, long uid, long gid, String home) {}

    private record Group(String name, long gid, List<String> members) {}

    /** Who the process becomes; {@code home} null if the table does not know the user. */
    public record Identity(
            long uid,
            long gid,
            List<Long> additionalGids,
            @Nullable String home) {
        public Identity {
            additionalGids = List.copyOf(additionalGids);
        }
    }

    /** Contents of the two files; null if the image has none. */
    public UserTable(byte @Nullable [] passwd, byte @Nullable [] group) {
        for (String[] fields : lines(passwd, 7)) {
            Long uid = id(fields[2]);
            Long gid = id(fields[3]);
            if (uid != null && gid != null) {
                users.add(new User(fields[0], uid, gid, fields[5]));
            }
        }
        for (String[] fields : lines(group, 4)) {
            Long gid = id(fields[2]);
            if (gid != null) {
                groups.add(new Group(fields[0], gid, List.of(fields[3].split(",", -1))));
            }
        }
    }

    private static List<String[]> lines(byte @Nullable [] file, int fields) {
        if (file == null) {
            return List.of();
        }
        return new String(file, StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split(":", -1))
                .filter(parts -> parts.length == fields && !parts[0].isEmpty())
                .toList();
    }

    private static @Nullable Long id(String text) {
        if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return null;
        }
        long id = Long.parseLong(text);
        return id > LAST_ID ? null : id;
    }

    /**
     * Resolves {@code user}, {@code uid}, {@code user:group} and the mixtures, as image configurations and people write
     * them. Without a group it is the table's; with one there are no additional groups but those that list the user.
     *
     * @param field the field to blame
     */
    public Identity resolve(String field, @Nullable String userAndGroup) {
        String text = userAndGroup == null || userAndGroup.isEmpty() ? "0" : userAndGroup;
        int colon = text.indexOf(':');
        String user = colon < 0 ? text : text.substring(0, colon);
        String group = colon < 0 ? null : text.substring(colon + 1);
        if (user.isEmpty() || (group != null && group.isEmpty())) {
            throw new SpecException(field, "\"" + text + "\" has an empty user or group");
        }
        User found = find(field, user);
        long uid = found != null ? found.uid() : number(field, user);
        long gid = found != null ? found.gid() : 0;
        if (group != null) {
            gid = group(field, group);
        }
        return new Identity(
                uid,
                gid,
                found == null ? List.of() : additional(found.name(), gid),
                found == null ? null : found.home());
    }

    private @Nullable User find(String field, String user) {
        boolean numeric = isNumber(user);
        long uid = numeric ? number(field, user) : -1;
        Predicate<User> matches =
                numeric ? entry -> entry.uid() == uid : entry -> entry.name().equals(user);
        User found = users.stream().filter(matches).findFirst().orElse(null);
        if (found == null && !numeric) {
            throw new SpecException(field, "the image's /etc/passwd has no user \"" + user + "\"");
        }
        return found;
    }

    private long group(String field, String group) {
        if (isNumber(group)) {
            return number(field, group);
        }
        return groups.stream()
                .filter(entry -> entry.name().equals(group))
                .mapToLong(Group::gid)
                .findFirst()
                .orElseThrow(() -> new SpecException(field, "the image's /etc/group has no group \"" + group + "\""));
    }

    private List<Long> additional(String user, long primary) {
        TreeSet<Long> gids = new TreeSet<>();
        groups.stream().filter(entry -> entry.members().contains(user)).forEach(entry -> gids.add(entry.gid()));
        gids.remove(primary);
        return List.copyOf(gids);
    }

    /** A sign makes a number too, so that "-1" is refused as one and never looked up. */
    private static boolean isNumber(String text) {
        String digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        return !digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static long number(String field, String text) {
        Long id = id(text);
        if (id == null) {
            throw new SpecException(field, "id " + text + " is not from 0 to " + LAST_ID);
        }
        return id;
    }
}
