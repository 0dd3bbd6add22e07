package io.flotilla.controlplane.identity.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.reactive.handler.AbstractUrlHandlerMapping;
import org.springframework.web.reactive.result.method.RequestMappingInfo;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;

/** Lists what is registered with WebFlux. */
final class Routes {

    /** One method at one pattern. */
    record Route(String method, String pattern) {}

    private Routes() {}

    static List<Route> of(List<RequestMappingHandlerMapping> methods, List<AbstractUrlHandlerMapping> urls) {
        List<Route> routes = new ArrayList<>();
        for (RequestMappingHandlerMapping mapping : methods) {
            mapping.getHandlerMethods().keySet().forEach(info -> add(routes, info));
        }
        for (AbstractUrlHandlerMapping mapping : urls) {
            for (PathPattern pattern : mapping.getHandlerMap().keySet()) {
                routes.add(new Route("GET", pattern.getPatternString()));
            }
        }
        return routes;
    }

    private static void add(List<Route> routes, RequestMappingInfo info) {
        Set<RequestMethod> named = info.getMethodsCondition().getMethods();
        List<String> all = named.isEmpty()
                ? UnlistedRoutes.allMethods()
                : named.stream().map(Enum::name).toList();
        for (PathPattern pattern : info.getPatternsCondition().getPatterns()) {
            all.forEach(method -> routes.add(new Route(method, pattern.getPatternString())));
        }
    }
}
