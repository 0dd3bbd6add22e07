package io.flotilla.agent.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolversTest {

    private static final Ipv4 GATEWAY = Ipv4.parse("10.1.2.1");

    @Test
    void keepsReachableServersAndSettings() {
        var resolvers = Resolvers.parse(List.of(
                "# made by hand",
                "nameserver 127.0.0.1",
                "nameserver\t192.0.2.1",
                "nameserver fd00::1",
                "nameserver 192.0.2.2",
                "search example.org lan",
                "options ndots:2",
                "sortlist 10.0.0.0"));
        assertThat(resolvers.resolvConf(GATEWAY))
                .isEqualTo("nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch example.org lan\noptions ndots:2\n");
    }

    @Test
    void takesNoMoreServersThanTheLibraryReads() {
        var resolvers = Resolvers.parse(List.of(
                "nameserver 192.0.2.1", "nameserver 192.0.2.2", "nameserver 192.0.2.3", "nameserver 192.0.2.4"));
        assertThat(resolvers.servers()).hasSize(3);
    }

    @Test
    void looksBehindTheStubOfSystemdResolved(@TempDir Path directory) throws Exception {
        Path stub = Files.writeString(directory.resolve("stub"), "nameserver 127.0.0.53\n");
        Path behind = Files.writeString(directory.resolve("behind"), "nameserver 192.0.2.7\n");
        assertThat(Resolvers.read(stub, behind).resolvConf(GATEWAY)).isEqualTo("nameserver 192.0.2.7\n");
        assertThat(Resolvers.read(stub, directory.resolve("missing")).resolvConf(GATEWAY))
                .isEqualTo("nameserver 10.1.2.1\n");
        assertThat(Resolvers.read(directory.resolve("missing"), directory.resolve("missing"))
                        .resolvConf(GATEWAY))
                .isEmpty();
    }
}
