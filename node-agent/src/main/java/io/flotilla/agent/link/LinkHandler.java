package io.flotilla.agent.link;

import io.flotilla.protocol.AgentMessage;
import io.flotilla.protocol.ControlMessage;

/** The agent's side of sessions. Only one session is open at a time; no call may block for long. */
public interface LinkHandler {

    /** What to say when a session has been opened. */
    AgentMessage.Joined joined();

    /** The session is open for other messages. */
    void opened(Session session, ControlMessage.Welcome welcome);

    /** A message that concerns neither the handshake nor streams. */
    void received(Session session, ControlMessage message);

    /** The session is over; nothing can be sent on it any more. */
    void closed(Session session);
}
