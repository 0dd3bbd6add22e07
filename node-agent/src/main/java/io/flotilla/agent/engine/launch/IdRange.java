package io.flotilla.agent.engine.launch;

/** One line of an id map, user_namespaces(7): {@code size} ids from {@code container} on are those from {@code host} on. */
public record IdRange(long container, long host, long size) {

    public IdRange {
        if (container < 0 || host < 0 || size < 1 || container + size > 1L << 32 || host + size > 1L << 32) {
            throw new IllegalArgumentException("id range " + container + " " + host + " " + size + " is out of bounds");
        }
    }

    String line() {
        return container + " " + host + " " + size + "\n";
    }
}
