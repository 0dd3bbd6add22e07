package io.flotilla.agent.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserTableTest {

    private static final String PASSWD = """
            root:x:0:0:root:/root:/bin/sh
            # comment
            app:x:1000:1001::/srv/app:/bin/sh
            1000:x:0:0:a name made of digits:/root:/bin/sh
            huge:x:2147483648:0::/:/bin/sh
            minus:x:-1:0::/:/bin/sh
            short:x:5
            """;
    private static final String GROUP = """
            root:x:0:
            app:x:1001:
            wheel:x:10:root,app
            appendix:x:11:application
            audio:x:29:other,app
            self:x:1001:app
            99:x:0:app
            """;

    private final UserTable table =
            new UserTable(PASSWD.getBytes(StandardCharsets.UTF_8), GROUP.getBytes(StandardCharsets.UTF_8));

    private UserTable.Identity resolve(String user) {
        return table.resolve("user", user);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, 0, 0, /root",
                "'', 0, 0, /root",
                "root, 0, 0, /root",
                "app, 1000, 1001, /srv/app",
                "1000, 1000, 1001, /srv/app",
                "4711, 4711, 0, -",
                "app:wheel, 1000, 10, /srv/app",
                "app:77, 1000, 77, /srv/app",
                "4711:audio, 4711, 29, -",
                "2147483647, 2147483647, 0, -",
            })
    void resolvesNamesAndNumbers(String user, long uid, long gid, String home) {
        UserTable.Identity identity = resolve(user);
        assertThat(identity.uid()).isEqualTo(uid);
        assertThat(identity.gid()).isEqualTo(gid);
        assertThat(identity.home()).isEqualTo(home);
    }

    @Test
    void neverTakesANumberForAName() {
        assertThat(resolve("1000").uid()).isEqualTo(1000);
        assertThat(resolve("app:99").gid()).isEqualTo(99);
    }

    @Test
    void givesExactlyTheGroupsThatListTheUser() {
        assertThat(resolve("app").additionalGids()).isEqualTo(List.of(0L, 10L, 29L));
        assertThat(resolve("root").additionalGids()).isEqualTo(List.of(10L));
        assertThat(resolve("4711").additionalGids()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2147483648",
                "4294967295",
                "4294967296",
                "18446744073709551616",
                "-1",
                "+0",
                "nobody",
                "huge",
                "minus",
                "app:nogroup",
                "app:-1",
                "app:4294967295",
                ":",
                "app:",
                ":app",
                "root:root:root"
            })
    void refusesWhatIsNoIdAndNamesTheField(String user) {
        assertThatThrownBy(() -> resolve(user))
                .isInstanceOf(SpecException.class)
                .hasMessageStartingWith("user: ");
    }

    @Test
    void worksWithoutTheFilesForNumbersOnly() {
        UserTable empty = new UserTable(null, null);
        assertThat(empty.resolve("user", "1:2")).isEqualTo(new UserTable.Identity(1, 2, List.of(), null));
        assertThatThrownBy(() -> empty.resolve("user", "root")).hasMessageContaining("no user \"root\"");
    }
}
