package io.flotilla.agent.seccomp;

import io.flotilla.agent.oci.SeccompSpec;
import io.flotilla.agent.oci.SpecException;
import io.flotilla.protocol.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Compiles resolved profiles and keeps the results: most containers of a node share one. Thread-safe. */
public final class Filters {

    /** Above it the cache starts anew; more different profiles than this is a sign of generated ones. */
    private static final int MOST_KEPT = 64;

    private final Host host;
    private final Map<Digest, Filter> compiled = new ConcurrentHashMap<>();

    public Filters(Host host) {
        this.host = host;
    }

    /**
     * The filter for a profile.
     *
     * @throws SpecException if the profile is wrong; the message names the field
     * @throws IOException if libseccomp fails
     */
    public Filter filter(SeccompSpec profile) throws IOException {
        Digest digest = Digest.sha256(profile.toString().getBytes(StandardCharsets.UTF_8));
        Filter kept = compiled.get(digest);
        if (kept != null) {
            return kept;
        }
        Filter filter = new Filter(digest, new FilterCompiler(host, profile).compile());
        if (compiled.size() >= MOST_KEPT) {
            compiled.clear();
        }
        compiled.put(digest, filter);
        return filter;
    }
}
