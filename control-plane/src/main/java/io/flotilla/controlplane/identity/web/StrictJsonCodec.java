package io.flotilla.controlplane.identity.web;

import org.springframework.boot.http.codec.CodecCustomizer;
import org.springframework.core.annotation.Order;
import org.springframework.http.codec.CodecConfigurer;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Has bodies read by {@link StrictJsonDecoder}; after Spring Boot's own customizer, which would put it back. */
@Component
@Order
final class StrictJsonCodec implements CodecCustomizer {

    private final JsonMapper mapper;

    StrictJsonCodec(JsonMapper mapper) {
        this.mapper = mapper;
    }

    @Override
    public void customize(CodecConfigurer configurer) {
        configurer.defaultCodecs().jacksonJsonDecoder(new StrictJsonDecoder(mapper));
    }
}
