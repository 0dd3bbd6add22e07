package io.flotilla.agent.link;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** The ids of the last commands, so that one that arrives twice is carried out once. */
final class CommandLog {

    private static final int REMEMBERED = 4096;

    private final Map<UUID, Boolean> seen = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    synchronized boolean firstTime(UUID command) {
        return seen.putIfAbsent(command, true) == null;
    }
}
