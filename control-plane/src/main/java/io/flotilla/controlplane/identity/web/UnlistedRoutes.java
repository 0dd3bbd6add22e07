package io.flotilla.controlplane.identity.web;

import io.flotilla.controlplane.identity.Gate;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.reactive.handler.AbstractUrlHandlerMapping;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;

/** Denies every handler that does not stand in the authorisation table. */
@Component
class UnlistedRoutes implements SmartInitializingSingleton {

    private static final Logger LOG = LoggerFactory.getLogger(UnlistedRoutes.class);

    private final Gate gate;
    private final List<RequestMappingHandlerMapping> methods;
    private final List<AbstractUrlHandlerMapping> urls;

    UnlistedRoutes(Gate gate, List<RequestMappingHandlerMapping> methods, List<AbstractUrlHandlerMapping> urls) {
        this.gate = gate;
        this.methods = methods;
        this.urls = urls;
    }

    @Override
    public void afterSingletonsInstantiated() {
        Routes.of(methods, urls).forEach(route -> {
            if (!gate.denyUnlessListed(route.method(), route.pattern())) {
                LOG.warn(
                        "{} {} does not stand in the authorisation table and is denied",
                        route.method(),
                        route.pattern());
            }
        });
    }

    /** Every method, for handlers that do not name theirs. */
    static List<String> allMethods() {
        return java.util.Arrays.stream(RequestMethod.values())
                .filter(method -> method != RequestMethod.HEAD
                        && method != RequestMethod.OPTIONS
                        && method != RequestMethod.TRACE)
                .map(Enum::name)
                .toList();
    }
}
