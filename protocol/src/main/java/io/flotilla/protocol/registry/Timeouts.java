package io.flotilla.protocol.registry;

import java.time.Duration;

/**
 * How long to wait for a registry.
 *
 * @param connect for a connection, TLS included
 * @param answer from the request to the end of the answer's headers
 * @param stall between two bytes of a body
 * @param pause before the second try of a request that failed in passing; doubles with each further one
 * @param longestWait what a server may ask for by Retry-After and get; for longer the request fails and says so
 */
public record Timeouts(Duration connect, Duration answer, Duration stall, Duration pause, Duration longestWait) {

    public static final Timeouts USUAL = new Timeouts(
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofMillis(300),
            Duration.ofSeconds(20));
}
