package io.flotilla.agent.network;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;

/** Marks tests that make network namespaces. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("kernel")
@EnabledIf(
        value = "io.flotilla.agent.network.NeedsRoot$Machine#canMakeNetworks",
        disabledReason = "making networks needs root and the programs ip and nft")
@interface NeedsRoot {

    /** The condition. */
    final class Machine {

        private Machine() {}

        static boolean canMakeNetworks() throws Exception {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0
                    && HostCommand.find("ip").isPresent()
                    && HostCommand.find("nft").isPresent();
        }
    }
}
