package io.flotilla.controlplane.ui;

import org.springframework.web.server.ServerWebExchange;

/** Builds what surrounds a page from who asks and for what. May block. */
interface FrameSource {

    Frame of(ServerWebExchange exchange);
}
