package io.flotilla.agent.program;

import io.flotilla.protocol.Handshake;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** The agent's version, from its jar's manifest. */
public final class Version implements IVersionProvider {

    /** As in {@code 0.1.0}; {@code development} outside a jar. */
    public static String number() {
        @Nullable String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"flotilla-agent " + number() + ", protocol " + Handshake.VERSION};
    }
}
