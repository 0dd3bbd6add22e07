/** A blocking WebSocket client (RFC 6455) with compression (RFC 7692), which the JDK's own client lacks. */
@org.jspecify.annotations.NullMarked
package io.flotilla.agent.websocket;
