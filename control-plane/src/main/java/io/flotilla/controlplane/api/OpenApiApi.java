package io.flotilla.controlplane.api;

import io.flotilla.controlplane.settings.Settings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.handler.AbstractUrlHandlerMapping;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;

/** Serves the description of the API. */
@RestController
class OpenApiApi {

    private final ObjectProvider<RequestMappingHandlerMapping> methods;
    private final ObjectProvider<AbstractUrlHandlerMapping> urls;
    private final Settings settings;
    private volatile @Nullable Map<String, Object> document;

    OpenApiApi(
            ObjectProvider<RequestMappingHandlerMapping> methods,
            ObjectProvider<AbstractUrlHandlerMapping> urls,
            Settings settings) {
        this.methods = methods;
        this.urls = urls;
        this.settings = settings;
    }

    @GetMapping("/api/v1/openapi.json")
    Map<String, Object> document() {
        Map<String, Object> known = document;
        if (known == null) {
            known = OpenApi.of(
                    methods.stream().toList(), List.copyOf(urls.stream().toList()), settings.url());
            document = known;
        }
        return known;
    }
}
