package io.flotilla.controlplane.ui.page;

import org.springframework.web.server.ServerWebExchange;

/** Builds what surrounds a page from who asks and for what. May block. */
public interface FrameSource {

    Frame of(ServerWebExchange exchange);
}
